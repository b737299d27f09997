"""What crosses the socket of an engine: lines of JSON, and the greeting with which both sides begin.

A client may send a task (`task`, `preview_every`), `cancel` with the number of a task, `previews` (on or off) for the
latest task, `rest` at the end of a run, and `ask` with a question: `status`, `stop` or `free`. The engine answers a
task with reports (`workers/reports.py`), sends `place` to a client that waits for others, and `ending` before it ends.
A client that differs may only ask questions.

Unknown fields are ignored. A line must not be longer than `MAX_LINE_BYTES`, nor nested deeper than `MAX_DEPTH`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

PROTOCOL = 1
ENDED, UNLOADED, NOTHING = "all", "models", ""  # what an engine frees when it is asked to free memory
MAX_LINE_BYTES = 2**20
MAX_DEPTH = 100  # far below the depth at which Python's recursion ends


class LineTooLong(Exception):
    """A line is longer than `MAX_LINE_BYTES`."""


class Malformed(Exception):
    """A line is not a JSON object, or is nested too deeply."""


def encode(data: Mapping[str, Any]) -> bytes:
    """Return data as a line. Raises: LineTooLong; TypeError, ValueError, if it is not JSON data."""
    line = json.dumps(data, separators=(",", ":")).encode() + b"\n"
    if len(line) > MAX_LINE_BYTES:
        raise LineTooLong
    return line


class LineReader:
    """Puts the lines together that arrive in pieces."""

    def __init__(self) -> None:
        self._received = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """Add received bytes and return the lines that are complete. Raises: LineTooLong, Malformed."""
        *lines, self._received = (self._received + data).split(b"\n")
        if max(map(len, (*lines, self._received))) > MAX_LINE_BYTES:
            raise LineTooLong
        return [_object(line) for line in lines]


def _object(line: bytes) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Malformed from error
    brackets = line.count(b"[") + line.count(b"{")  # so few cannot be nested too deeply
    if not isinstance(data, dict) or (brackets > MAX_DEPTH and not _is_flat(data)):
        raise Malformed
    return data


def _is_flat(data: Any) -> bool:
    """Return True if JSON data is not nested deeper than `MAX_DEPTH`."""
    level = [data]
    for _ in range(MAX_DEPTH):
        inner = [list(each.values()) if isinstance(each, dict) else each for each in level]
        level = [each for items in inner for each in items if isinstance(each, (list, dict))]
        if not level:
            return True
    return False


def greeting(facts: Mapping[str, str]) -> dict[str, Any]:
    """Return the first message of both sides; facts: what must be equal on both."""
    return {"protocol": PROTOCOL, "facts": dict(facts)}


def difference(own: Mapping[str, str], other: Mapping[str, Any]) -> str:
    """Return why two processes do not fit together, or "" if they do; other: the greeting of the other process."""
    if other.get("protocol") != PROTOCOL:
        return f"it uses version {other.get('protocol')} of the protocol, not {PROTOCOL}"
    facts = other.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    for name in sorted({*own, *facts}):
        if own.get(name) != facts.get(name):
            return f"its {name} is {facts.get(name)} instead of {own.get(name)}"
    return ""
