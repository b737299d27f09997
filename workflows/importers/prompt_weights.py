"""Convert prompts from other tools to our syntax: `((word))` becomes `(word)1.21`.

In AUTOMATIC1111, `[word]` lowers the weight, and `AND` and `BREAK` divide a prompt; in ComfyUI, these are plain text.
"""

from __future__ import annotations

import re

MAX_WEIGHT = 10.0  # the maximum weight in our prompts
_EXTRA = re.compile(
    r"<(lora|lyco|lycoris|hypernet|embedding|segment|object|random|wildcard):([^<>]{1,300})>", re.IGNORECASE
)
_EMBEDDING = re.compile(r"\bembedding:([\w./\\-]{1,200})")
# Without `(?<!\s)`, a search through a long run of spaces would take quadratic time.
_BREAK = re.compile(r"(?:(?<!\s)\s+)?\bBREAK\b\s*")
_AND = re.compile(r"(?:(?<!\s)\s+)?\bAND\b\s*")
# Matches the weight at the end of one of the prompts that `AND` combines.
_SHARE = re.compile(r"(?:(?<!\s)\s+)?:\s*(\d{1,6}\.?\d{0,9}|\.\d{1,9})\s*\Z")
_SPACES = re.compile(r"[ \t]{2,}")
COLON_WEIGHT = re.compile(r"(?<!\\):(?=\s{0,9}(?:\d{1,6}\.?\d{0,6}|\.\d{1,6})\s{0,9}\))")


def rewrite(prompt: str, *, brackets: bool) -> tuple[str, list[str]]:
    """Return a prompt with weights in our syntax, and notes on what is not supported.

    brackets: whether `[word]`, `AND` and `BREAK` have the meaning that they have in AUTOMATIC1111
    """
    from invocations.services.generation.prompts import pieces

    from .prompt_edits import without_edits

    notes: list[str] = []
    prompt = _without_extras(prompt, notes)
    if brackets:
        prompt = _as_one(without_edits(prompt, notes), notes)
    found = pieces(prompt, "a1111" if brackets else "comfyui")
    return weighted(found, notes), notes


def weighted(found: list[tuple[str, float]], notes: list[str]) -> str:
    """Return weighted pieces as a prompt in our syntax; weights that are out of range are reported."""
    from invocations.services.generation.prompts import written

    if any(weight < 0 for text, weight in found if text.strip()):
        notes.append("weights below 0 are not supported: 0 is used")
    if any(weight > MAX_WEIGHT for text, weight in found if text.strip()):
        notes.append(f"weights above {MAX_WEIGHT:g} are not supported: {MAX_WEIGHT:g} is used")
    rounded = [(text, round(max(weight, 0.0), 3) if text.strip() else 1.0) for text, weight in found]
    return _SPACES.sub(" ", written(rounded)).strip()


def verbatim(prompt: str) -> str:
    """Return a prompt that is escaped so that no part of it is read as a weight."""
    from invocations.services.generation.prompts import written

    return written([(prompt, 1.0)])


def of_invokeai(prompt: str) -> tuple[str, list[str]]:
    """Convert a prompt from InvokeAI, whose weights have our syntax, except that `(word:1.3)` is plain text."""
    from invocations.services.generation.prompts import pieces, without_backslashes

    text = COLON_WEIGHT.sub(r"\\:", prompt)
    if pieces(text, "invoke") == pieces(prompt, "invoke"):
        return without_backslashes(prompt), []
    return without_backslashes(text), ["`(word:1.3)` is not a weight in InvokeAI and is kept as text"]


def _without_extras(prompt: str, notes: list[str]) -> str:
    for kind, name in _EXTRA.findall(prompt):
        notes.append(f"`<{kind}:{name[:60]}>` is ignored: LoRAs cannot be used yet")
    for name in _EMBEDDING.findall(prompt):
        notes.append(f"`embedding:{name[:60]}` is ignored: embeddings cannot be used yet")
    return _EMBEDDING.sub("", _EXTRA.sub("", prompt))


def _as_one(prompt: str, notes: list[str]) -> str:
    """Return a prompt without `BREAK` and `AND`, which are reported."""
    if _BREAK.search(prompt):
        notes.append("`BREAK` is not supported and is removed")
        prompt = _BREAK.sub(" ", prompt)
    parts = _AND.split(prompt)
    if len(parts) == 1:
        return prompt
    notes.append("`AND` combines prompts, which is not supported: they are joined into one prompt, with their weights")
    return ", ".join(_SHARE.sub(r":\1)", f"({part}") if _SHARE.search(part) else part for part in parts)
