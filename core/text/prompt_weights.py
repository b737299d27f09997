"""Weights inside a prompt: `(word)1.3`, `(two words)0.8`, `word++`, `word-`, nested to any depth. Needs no torch.

A plus sign multiplies the weight by 1.1, a minus sign by 0.9, and a number by its value; nested weights multiply.
Anything malformed, such as an unmatched parenthesis, is plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

PLUS, MINUS = 1.1, 0.9
MAX_WEIGHT = 10.0
"""The limit to which weights and their products are clamped; above it, hidden states are mostly noise."""
MAX_SIGNS = 100


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a prompt and its weight; 1 is neutral."""

    text: str
    weight: float = 1.0


def parse(prompt: str) -> tuple[Fragment, ...]:
    """Split a prompt into fragments of one weight each, in order; neighbors of equal weight are merged."""
    return _merged(_fragments(prompt))


def show(fragments: Iterable[Fragment]) -> str:
    """Format fragments as a prompt; parsing it returns the same fragments."""
    shown = ""
    for fragment in fragments:
        glued = shown[-1:].isdigit() and not _BREAK.match(fragment.text)
        shown += fragment.text if fragment.weight == 1.0 and not glued else f"({fragment.text}){fragment.weight:g}"
    return shown


def plain(prompt: str) -> str:
    """Return the prompt without weights."""
    return "".join(fragment.text for fragment in parse(prompt))


# A weight follows its word or parenthesis immediately and ends where a word would: `(a)1.3`, `a++`. Signs count only
# before a space, a comma or the like, so `well-lit` is one plain word; a number needs a digit, so `(a).` is text.
_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}"
_WEIGHT = re.compile(rf"(?P<signs>\++|-+)(?![\w+-]|\.\d)|(?P<number>{_NUMBER})(?!\w|\.\w)")
_BREAK = re.compile(r"[^\w.+-]")
_WORD = re.compile(r"[^\s(),;:!?]+")


def _fragments(prompt: str) -> Iterator[Fragment]:
    """Yield the fragments of a prompt: text in nested weighted parentheses gets the product of their weights."""
    weighted = _weighted_parentheses(prompt)
    ends = {closing: end for closing, end, _ in weighted.values()}
    weights = [1.0]
    begin = at = 0
    while at < len(prompt):
        if at not in weighted and at not in ends:
            at += 1
            continue
        yield from _signed_words(prompt[begin:at], weights[-1])
        if at in weighted:
            weights.append(weights[-1] * weighted[at][2])
            begin = at = at + 1
        else:
            weights.pop()
            begin = at = ends[at]
    yield from _signed_words(prompt[begin:], weights[-1])


def _weighted_parentheses(prompt: str) -> dict[int, tuple[int, int, float]]:
    """Return the weighted parentheses: opening position -> closing position, end of the weight, weight."""
    opened: list[int] = []
    found: dict[int, tuple[int, int, float]] = {}
    for at, letter in enumerate(prompt):
        if letter == "(":
            opened.append(at)
        elif letter == ")" and opened:
            opening = opened.pop()
            weight = _WEIGHT.match(prompt, at + 1)
            if weight is not None:
                found[opening] = (at, weight.end(), _factor(weight))
    return found


def _signed_words(text: str, weight: float) -> Iterator[Fragment]:
    """Yield the fragments of text without weighted parentheses: words that end in signs, and the rest."""
    begin = 0
    for found in _WORD.finditer(text):
        signed = found[0].rstrip(".")
        word = signed.rstrip(signed[-1:]) if signed.endswith(("+", "-")) else ""
        if word and not word.endswith(("+", "-")):
            yield Fragment(text[begin : found.start()], weight)
            yield Fragment(word, weight * _signs(signed[len(word) :]))
            begin = found.start() + len(signed)
    yield Fragment(text[begin:], weight)


def _factor(found: re.Match[str]) -> float:
    return _signs(found["signs"]) if found["signs"] else min(float(found["number"]), MAX_WEIGHT)


def _signs(signs: str) -> float:
    return float((PLUS if signs[0] == "+" else MINUS) ** min(len(signs), MAX_SIGNS))


def _merged(fragments: Iterable[Fragment]) -> tuple[Fragment, ...]:
    merged: list[Fragment] = []
    for fragment in fragments:
        rounded = Fragment(fragment.text, round(min(fragment.weight, MAX_WEIGHT), 6))
        if merged and merged[-1].weight == rounded.weight:
            merged[-1] = Fragment(merged[-1].text + rounded.text, rounded.weight)
        elif rounded.text:
            merged.append(rounded)
    return tuple(merged)
