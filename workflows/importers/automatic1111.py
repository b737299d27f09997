"""The `parameters` text of AUTOMATIC1111 and of the tools that write the same: prompt, negative prompt, pairs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from .parameters import Found, Hires, Making, found, shown
from .prompt_weights import rewrite
from .samplers import scheduler_of
from .untrusted import MOST_CHARACTERS, real, size, text, whole

TOOL = "AUTOMATIC1111"
OURS = "invokeai-cli"  # writes the same text, with its own weights
NEGATIVE = "Negative prompt:"
NAME = re.compile(r"[\s,]{0,99}([A-Za-z][\w \-/]{0,60}?)\s{0,9}:\s{0,9}")
STRUCTURED = ("{", "[{")  # JSON of yet another tool
FEWEST = 3  # pairs that make the last line one of settings
SILENT = frozenset(
    {
        "Version", "Model hash", "Hashes", "Lora hashes", "TI hashes", "VAE hash", "User", "Created Date",
        "Civitai resources", "Civitai metadata", "Schedule type", "Hires schedule type",
    }
)  # fmt: skip


def read(parameters: str) -> Found | None:
    """Return what a `parameters` text tells, None where it tells nothing."""
    lines = parameters[:MOST_CHARACTERS].strip().split("\n")
    last = dict(_pairs(lines[-1]))
    settings = last if len(last) >= FEWEST or "Steps" in last else {}
    if settings:
        lines.pop()
    prompt, negative = _prompts(lines)
    if not settings and (not prompt or prompt.startswith(STRUCTURED)):
        return None
    making = Making()
    own = settings.get("Version", "").startswith(OURS)
    making.prompt, making.negative = (each if own else _weighted(each, making) for each in (prompt, negative))
    _take(settings, making, own=own)
    return found(OURS if own else TOOL, making)


def _prompts(lines: list[str]) -> tuple[str, str]:
    begin = next((i for i, line in enumerate(lines) if line.strip().startswith(NEGATIVE)), len(lines))
    negative = "\n".join(lines[begin:]).strip().removeprefix(NEGATIVE)
    return text("\n".join(lines[:begin]).strip()), text(negative.strip())


def _weighted(prompt: str, making: Making) -> str:
    rewritten, notes = rewrite(prompt, brackets=True)
    for note in notes:
        making.note(note)
    return rewritten


def _take(settings: dict[str, str], making: Making, *, own: bool) -> None:
    """Read each setting; what is left over is told."""
    left = {name: value for name, value in settings.items() if name not in SILENT}
    making.steps, making.seed = whole(left.pop("Steps", "")), whole(left.pop("Seed", ""))
    making.guidance = real(left.pop("CFG scale", ""))
    making.width, making.height = size(left.pop("Size", ""))
    skipped = whole(left.pop("Clip skip", ""))
    making.clip_skip = skipped if own or skipped is None else max(skipped - 1, 0) or None
    making.model = left.pop("Model", None) or (
        f"the one of hash {settings['Model hash']}" if settings.get("Model hash") else None
    )
    making.scheduler = _sampler(left.pop("Sampler", ""), settings.get("Schedule type", ""), making)
    strength = real(left.pop("Denoising strength", ""))
    if any(name.startswith("Hires") for name in left):
        making.hires = _hires(left, settings, strength, making)
    else:
        making.strength = strength
    for name, value in left.items():
        making.note(f"`{name}: {shown(value)}` has no counterpart here")


def _sampler(name: str, spacing: str, making: Making) -> str | None:
    if not name:
        return None
    scheduler, note = scheduler_of(name[:60], spacing[:60])
    if note:
        making.note(note)
    return scheduler


def _hires(left: dict[str, str], settings: dict[str, str], strength: float | None, making: Making) -> Hires:
    hires = Hires(scale=real(left.pop("Hires upscale", "")), steps=whole(left.pop("Hires steps", "")) or None)
    hires.strength, hires.guidance = strength, real(left.pop("Hires CFG Scale", ""))
    hires.width, hires.height = size(left.pop("Hires resize", ""))
    hires.scheduler = _sampler(left.pop("Hires sampler", ""), settings.get("Hires schedule type", ""), making)
    upscaler = left.pop("Hires upscaler", "")
    if upscaler:
        making.note(f"`Hires upscaler: {shown(upscaler)}` is not there: `upscale` enlarges in its own way")
    return hires


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield name and value of `Name: value, Name: "a, b", Name: {...}`."""
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
        said = json.loads(value)
    except (ValueError, RecursionError):
        return value.strip('"')
    return said if isinstance(said, str) else value
