"""The scripts that Redis runs, and the names of its keys.

Of each session, Redis keeps a hash `state` and two streams. An entry of the stream `events` is a batch; its id is
`GENERATION-LAST`: the generation is the epoch, a number that grows with each new numbering, and LAST the number of the
batch's last event. The stream `preview` contains the latest preview only.
"""

from __future__ import annotations

from typing import Final

KEPT_WHILE_RUNNING_S: Final = 24 * 3600  # streams of runs whose process has died go after this time

_EPOCH: Final = """
local function renew(key)
  local time = redis.call('TIME')
  local epoch = time[1] * 1000 + math.floor(time[2] / 1000)
  local before = tonumber(redis.call('HGET', key, 'epoch') or '0')
  if epoch <= before then epoch = before + 1 end
  epoch = string.format('%.0f', epoch)
  redis.call('HSET', key, 'epoch', epoch, 'last', 0, 'bytes', 0)
  return epoch
end
"""

PUBLISH: Final = (
    _EPOCH
    + """
local state, events, preview = KEYS[1], KEYS[2], KEYS[3]
local batch, known, is_lost, count, texts, progress, shown = unpack(ARGV, 1, 7)
local max_events, max_bytes, seconds = tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]
local epoch, last, writer = unpack(redis.call('HMGET', state, 'epoch', 'last', 'writer'))
last, known, count = tonumber(last or '0'), tonumber(known), tonumber(count)
if writer == batch then return {epoch, last} end
if not epoch or is_lost == '1' or last < known then
  redis.call('DEL', events)
  epoch, last = renew(state), 0
end
if count > 0 then
  redis.call('XADD', events, 'MAXLEN', '~', max_events, epoch .. '-' .. (last + count),
             'after', last, 'texts', texts, 'progress', progress)
  last = last + count
  local bytes = redis.call('HINCRBY', state, 'bytes', #texts)
  while true do
    local oldest = redis.call('XRANGE', events, '-', '+', 'COUNT', 1)[1]
    if not oldest or (bytes <= max_bytes and last - tonumber(oldest[2][2]) <= max_events) then break end
    bytes = redis.call('HINCRBY', state, 'bytes', -#oldest[2][4])
    redis.call('XDEL', events, oldest[1])
  end
end
redis.call('HSET', state, 'last', last, 'writer', batch)
if shown ~= '' then
  redis.call('XADD', preview, 'MAXLEN', 1, '*', 'number', last, 'preview', shown)
  redis.call('EXPIRE', preview, seconds)
end
redis.call('EXPIRE', state, seconds)
redis.call('EXPIRE', events, seconds)
return {epoch, last}
"""
)

READ: Final = (
    _EPOCH
    + """
local state, events, after, epoch, seconds = KEYS[1], KEYS[2], tonumber(ARGV[1]), ARGV[2], ARGV[3]
local current = redis.call('HGET', state, 'epoch')
if not current then
  current = renew(state)
  redis.call('EXPIRE', state, seconds)
end
local last = tonumber(redis.call('HGET', state, 'last'))
if after < 0 or after >= last or (epoch ~= '' and epoch ~= current) then return {current, last, {}} end
return {current, last, redis.call('XRANGE', events, current .. '-' .. (after + 1), '+')}
"""
)


def keys_of(prefix: str, session: str) -> tuple[str, str, str]:
    """Return the keys of a session: its state, events and preview."""
    return f"{prefix}:{{{session}}}:state", f"{prefix}:{{{session}}}:events", f"{prefix}:{{{session}}}:preview"
