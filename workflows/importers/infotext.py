"""Divide a `parameters` text into prompt, negative prompt and settings, in all the forms that tools write.

The settings begin at the last line that begins with a known name. They may continue on more lines, be separated by `|`
instead of commas, or follow the prompt on the same line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from invocations.foreign import ForeignData, json_data

NEGATIVE = re.compile(r"negative prompt:", re.IGNORECASE)
LABEL = re.compile(r"prompt:\s", re.IGNORECASE)  # a label that a few tools write before the prompt
# Settings and how their values begin: a line that contains such a pair is certainly a line of settings.
PROOFS = {
    "steps": r"\d",
    "sampler": r"\S",
    "seed": r"-?\d",
    "cfg scale": r"\d",
    "guidance scale": r"\d",
    "size": r"\d+\s?x\s?\d",
}
KNOWN = frozenset(
    {
        *PROOFS, "model", "model hash", "clip skip", "version", "denoising strength", "schedule type", "scheduler",
        "vae", "pipeline", "app", "width", "height", "hires upscale", "hires steps", "hires upscaler",
        "token merging ratio", "face restoration", "variation seed", "lora hashes", "civitai resources",
        "created date", "strength", "backend",
    }
)  # fmt: skip
# Settings whose value is the rest of the line.
WHOLE = frozenset({"template", "negative template", "original prompt", "original negative"})
_NAME = r"[^\W_][\w \-/.]{0,60}?"
_COLON = r"\s{0,9}:(?![/\\:])"  # a colon, except in a URL or after a drive letter
_PAIR = re.compile(rf"[\s,]{{0,99}}({_NAME}){_COLON}\s{{0,9}}")
_NEXT = re.compile(rf"\s{{0,99}}(?:{_NAME}{_COLON}|\Z)")
_BEGIN = re.compile(rf"\s{{0,99}}({_NAME}){_COLON}")
_BAR = re.compile(rf"\s\|\s(?={_NAME}{_COLON})")
_INLINE = re.compile(r"(?:^|(?<=\s))steps:\s{0,9}\d", re.IGNORECASE)
_INLINE_NEGATIVE = re.compile(r"(?:^|(?<=\s))negative prompt:", re.IGNORECASE)


@dataclass(slots=True)
class Infotext:
    """The parts of a `parameters` text; the names of settings are kept as written."""

    prompt: str
    negative: str
    settings: dict[str, str] = field(default_factory=dict)


def split(text: str) -> Infotext:
    """Return the parts of a `parameters` text; if there are no settings, the whole text is the prompt."""
    lines = text.strip().split("\n")
    begin, end = _block(lines)
    if begin == len(lines):
        return _without_block(lines)
    settings = dict(_pairs(", ".join(line.strip().strip(",") for line in lines[begin:end])))
    for line in lines[end:]:
        _take_line(line.strip(), settings)
    return Infotext(*_prompts(lines[:begin]), settings)


def _block(lines: list[str]) -> tuple[int, int]:
    """Return where the lines of settings begin and end; both are after the last line if there are none."""
    last = next((i for i in range(len(lines) - 1, -1, -1) if _begins_known(lines[i])), -1)
    first = last
    while first > 1 and _begins_known(lines[first - 1]):
        first -= 1
    if last >= 0 and _are_settings(dict(_pairs(", ".join(lines[first : last + 1])))):
        return first, last + 1
    return len(lines), len(lines)


def _begins_known(line: str) -> bool:
    """Return True if a line begins with a setting: a known name and, for some names, a value of the typical form."""
    found = _BEGIN.match(line)
    name = found[1].strip().casefold() if found else ""
    return found is not None and name in KNOWN and _fits(name, line[found.end() :].strip())


def _fits(name: str, value: str) -> bool:
    return re.match(PROOFS.get(name, ""), value) is not None


def _are_settings(pairs: dict[str, str]) -> bool:
    """Return True if pairs of names and values are settings.

    They are if one is `Steps`, or if there are at least two and one value has the form that is typical of its name.
    """
    values = {name.casefold(): value for name, value in pairs.items()}
    proofs = [name for name in PROOFS if name in values and _fits(name, values[name])]
    return "steps" in proofs or (bool(proofs) and len(pairs) >= 2)


def _without_block(lines: list[str]) -> Infotext:
    """Return the parts of a text without lines of settings; settings may follow the prompt on the same line."""
    text = "\n".join(lines)
    for found in reversed(list(_INLINE.finditer(text))):
        settings = dict(_pairs(text[found.start() :]))
        if len(settings) > 1:
            return Infotext(*_prompts(text[: found.start()].split("\n")), settings)
    return Infotext(*_prompts(lines))


def _take_line(line: str, settings: dict[str, str]) -> None:
    """Add a line that follows the settings: it has more pairs, or continues the last value."""
    found = _BEGIN.match(line)
    if found is not None and found[1].strip().casefold() in WHOLE:
        settings[found[1].strip()] = line[found.end() :].strip()
    elif found is not None:
        settings.update(_pairs(line))
    elif line and settings:
        settings[next(reversed(settings))] += f"\n{line}"


def _prompts(lines: list[str]) -> tuple[str, str]:
    """Return the prompt and the negative prompt, which begins on its own line or else inside a line."""
    text = "\n".join(lines).strip()
    begin = next((i for i, line in enumerate(lines) if NEGATIVE.match(line.strip())), None)
    if begin is not None:
        prompt, negative = "\n".join(lines[:begin]), "\n".join(lines[begin:])
    elif inline := _INLINE_NEGATIVE.search(text):
        prompt, negative = text[: inline.start()], text[inline.start() :]
    else:
        prompt, negative = text, ""
    return _without(LABEL, prompt), _without(NEGATIVE, negative)


def _without(label: re.Pattern[str], text: str) -> str:
    found = label.match(text.strip())
    return text.strip()[found.end() :].strip() if found else text.strip()


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yield the names and values in `Name: value, Name: "a, b", Name: {...}`; other text belongs to the last value."""
    line = _BAR.sub(", ", line)
    at = 0
    while (name := _PAIR.match(line, at)) is not None:
        end = _end(line, name.end())
        while end < len(line) and not _NEXT.match(line, end + 1):
            end = _end(line, end + 1)
        yield name[1].strip(), _unquoted(line[name.end() : end].strip())
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
        decoded = json_data(value)
    except ForeignData:
        return value.strip('"')
    return decoded if isinstance(decoded, str) else value
