"""Weights inside a prompt: `(word)1.3`, `(two words)0.8`, `word++`, `word-`, nested as one likes; no torch.

A plus multiplies the weight by 1.1, a minus by 0.9, a number by itself; nested weights multiply. What is not well
formed, such as a parenthesis without its partner, is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

PLUS, MINUS = 1.1, 0.9


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a prompt and how much it counts; 1 is plain."""

    text: str
    weight: float = 1.0


def parse(prompt: str) -> tuple[Fragment, ...]:
    """Split a prompt into fragments of one weight each, in order; neighbours of equal weight are one fragment."""
    return _merged(_fragments(prompt, 1.0))


def show(fragments: Iterable[Fragment]) -> str:
    """Write fragments as a prompt that parses back into them."""
    return "".join(_shown(fragment) for fragment in fragments)


def plain(prompt: str) -> str:
    """Return the prompt's words without weights."""
    return "".join(fragment.text for fragment in parse(prompt))


# A weight follows its word or parenthesis at once and ends where a word would: `(a)1.3`, `a++`. Signs count only before
# a blank, a comma or the like, so `well-lit` is one plain word; a number needs a digit, so `(a).` is text.
_WEIGHT = re.compile(r"(?P<signs>\++|-+)(?![\w+-])|(?P<number>\d+(?:\.\d+)?|\.\d+)(?![\w.]*\w)")
_SIGNED_WORD = re.compile(r"(?P<word>[^\s()+\-][^\s()+]*?)(?P<signs>\++|-+)(?=[\s,.;:!?)]|$)")


def _fragments(text: str, weight: float) -> Iterable[Fragment]:
    """Yield the fragments of a text that itself stands at `weight`."""
    begin = 0
    at = 0
    while at < len(text):
        closing = _partner(text, at) if text[at] == "(" else None
        found = _WEIGHT.match(text, closing + 1) if closing is not None else None
        if closing is not None and found is not None:
            yield from _signed_words(text[begin:at], weight)
            yield from _fragments(text[at + 1 : closing], weight * _factor(found))
            begin = at = found.end()
        else:
            at += 1
    yield from _signed_words(text[begin:], weight)


def _signed_words(text: str, weight: float) -> Iterable[Fragment]:
    """Yield the fragments of a text without weighted parentheses: words that end in signs, and the rest."""
    begin = 0
    for found in _SIGNED_WORD.finditer(text):
        if found.start() > begin:
            yield Fragment(text[begin : found.start()], weight)
        yield Fragment(found["word"], weight * _signs(found["signs"]))
        begin = found.end()
    if begin < len(text):
        yield Fragment(text[begin:], weight)


def _partner(text: str, opening: int) -> int | None:
    """Return where the parenthesis that opens at `opening` closes."""
    depth = 0
    for at in range(opening, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return at
    return None


def _factor(found: re.Match[str]) -> float:
    return _signs(found["signs"]) if found["signs"] else float(found["number"])


def _signs(signs: str) -> float:
    return float((PLUS if signs[0] == "+" else MINUS) ** len(signs))


def _merged(fragments: Iterable[Fragment]) -> tuple[Fragment, ...]:
    merged: list[Fragment] = []
    for fragment in fragments:
        rounded = Fragment(fragment.text, round(fragment.weight, 6))
        if merged and merged[-1].weight == rounded.weight:
            merged[-1] = Fragment(merged[-1].text + rounded.text, rounded.weight)
        elif rounded.text:
            merged.append(rounded)
    return tuple(merged)


def _shown(fragment: Fragment) -> str:
    return fragment.text if fragment.weight == 1.0 else f"({fragment.text}){fragment.weight:g}"
