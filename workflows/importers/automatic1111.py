"""The `parameters` text of AUTOMATIC1111 and compatible tools: prompt, negative prompt, settings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .parameters import GenerationParameters, Hires, Imported, imported, short
from .prompt_weights import rewrite
from .samplers import scheduler_of
from .untrusted import MAX_CHARACTERS, integer, number, size, string

TOOL = "AUTOMATIC1111"
OURS = "invokeai-cli"  # a tool that writes the same text, but with other prompt weights
NEGATIVE = "Negative prompt:"
NAME = re.compile(r"[\s,]{0,99}([A-Za-z][\w \-/]{0,60}?)\s{0,9}:\s{0,9}")
STRUCTURED = ("{", "[{")  # marks the JSON of another tool
MIN_SETTINGS = 3  # the last line holds settings if it has at least this many
IGNORED = frozenset(
    {
        "Version", "Model hash", "Hashes", "Lora hashes", "TI hashes", "VAE hash", "User", "Created Date",
        "Civitai resources", "Civitai metadata", "Schedule type", "Hires schedule type",
    }
)  # fmt: skip


def read(parameters: str) -> Imported | None:
    """Return the settings in a `parameters` text, or None if nothing is usable."""
    lines = parameters[:MAX_CHARACTERS].strip().split("\n")
    last = dict(_pairs(lines[-1]))
    settings = last if len(last) >= MIN_SETTINGS or "Steps" in last else {}
    if settings:
        lines.pop()
    prompt, negative = _prompts(lines)
    if not settings and (not prompt or prompt.startswith(STRUCTURED)):
        return None
    params = GenerationParameters()
    own = settings.get("Version", "").startswith(OURS)
    params.prompt, params.negative = (each if own else _weighted(each, params) for each in (prompt, negative))
    _take(settings, params, own=own)
    return imported(OURS if own else TOOL, params)


def _prompts(lines: list[str]) -> tuple[str, str]:
    begin = next((i for i, line in enumerate(lines) if line.strip().startswith(NEGATIVE)), len(lines))
    negative = "\n".join(lines[begin:]).strip().removeprefix(NEGATIVE)
    return string("\n".join(lines[:begin]).strip()), string(negative.strip())


def _weighted(prompt: str, params: GenerationParameters) -> str:
    rewritten, notes = rewrite(prompt, brackets=True)
    for note in notes:
        params.note(note)
    return rewritten


def _take(settings: dict[str, str], params: GenerationParameters, *, own: bool) -> None:
    """Read the settings that are supported, and report all others."""
    left = {name: value for name, value in settings.items() if name not in IGNORED}
    params.steps, params.seed = integer(left.pop("Steps", "")), integer(left.pop("Seed", ""))
    params.guidance = number(left.pop("CFG scale", ""))
    params.width, params.height = size(left.pop("Size", ""))
    skipped = integer(left.pop("Clip skip", ""))
    params.clip_skip = skipped if own or skipped is None else max(skipped - 1, 0) or None
    params.model = left.pop("Model", None) or (f"hash {settings['Model hash']}" if settings.get("Model hash") else None)
    params.scheduler = _sampler(left.pop("Sampler", ""), settings.get("Schedule type", ""), params)
    strength = number(left.pop("Denoising strength", ""))
    if any(name.startswith("Hires") for name in left):
        params.hires = _hires(left, settings, strength, params)
    else:
        params.strength = strength
    for name, value in left.items():
        params.note(f"`{name}: {short(value)}` is not supported")


def _sampler(name: str, spacing: str, params: GenerationParameters) -> str | None:
    if not name:
        return None
    scheduler, note = scheduler_of(name[:60], spacing[:60])
    if note:
        params.note(note)
    return scheduler


def _hires(
    left: dict[str, str], settings: dict[str, str], strength: float | None, params: GenerationParameters
) -> Hires:
    hires = Hires(scale=number(left.pop("Hires upscale", "")), steps=integer(left.pop("Hires steps", "")) or None)
    hires.strength, hires.guidance = strength, number(left.pop("Hires CFG Scale", ""))
    hires.width, hires.height = size(left.pop("Hires resize", ""))
    hires.scheduler = _sampler(left.pop("Hires sampler", ""), settings.get("Hires schedule type", ""), params)
    upscaler = left.pop("Hires upscaler", "")
    if upscaler:
        params.note(f"`Hires upscaler: {short(upscaler)}` is not available: `upscale` uses its own method")
    return hires


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values in `Name: value, Name: "a, b", Name: {...}`."""
    at = 0
    while (name := NAME.match(line, at)) is not None:
        end = _end(line, name.end())
        yield name[1], _unquoted(line[name.end() : end].strip())
        at = end + 1


def _end(line: str, at: int) -> int:
    """Return where a value ends: at the next comma outside quotes and brackets."""
    depth, quoted = 0, False
    structured = line[at : at + 1] in tuple('"{[')
    while at < len(line):
        char = line[at]
        if structured and char == '"':
            quoted = not quoted
        elif quoted and char == "\\":
            at += 1
        elif structured and not quoted and char in "{[":
            depth += 1
        elif structured and not quoted and char in "}]":
            depth -= 1
        elif char == "," and not quoted and depth <= 0:
            return at
        at += 1
    return len(line)


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip('"')
    return decoded if isinstance(decoded, str) else value
