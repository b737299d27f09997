r"""Weights inside a prompt: `(word)1.3`, `(word:1.3)`, `word++`, `word-`, nested to any depth. Needs no torch.

A plus sign multiplies the weight by 1.1, a minus sign by 0.9, and a number by its value; nested weights multiply. A
backslash before a bracket, a plus, a minus, a colon or a backslash makes that character plain text: `C\+\+`,
`\(1.2\)`. Anything malformed, such as an unmatched parenthesis, is plain text.
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
    return merged(_fragments(*_unescaped(prompt)))


def show(fragments: Iterable[Fragment]) -> str:
    """Format fragments as a prompt that parses back into them, with as few backslashes as possible."""
    wanted = merged(fragments)
    shown = _shown(wanted)
    for special in (_SIGNS, _SPECIAL):
        if parse(shown) == wanted:
            break
        shown = _shown([Fragment(_escaped(each.text, special), each.weight) for each in wanted])
    return shown


def plain(prompt: str) -> str:
    """Return the prompt without weights."""
    return "".join(fragment.text for fragment in parse(prompt))


def merged(fragments: Iterable[Fragment]) -> tuple[Fragment, ...]:
    """Clamp and round weights, and merge neighbors of equal weight."""
    found: list[Fragment] = []
    for fragment in fragments:
        weight = round(max(0.0, min(fragment.weight, MAX_WEIGHT)), 6)
        if found and found[-1].weight == weight:
            found[-1] = Fragment(found[-1].text + fragment.text, weight)
        elif fragment.text:
            found.append(Fragment(fragment.text, weight))
    return tuple(found)


# A weight follows its word or parenthesis immediately and ends where a word would: `(a)1.3`, `a++`. Signs count only
# before a space, a comma or the like, so `well-lit` is one plain word; a number needs a digit, so `(a).` is text.
_NUMBER = r"[0-9]{1,6}(?:\.[0-9]{1,6})?|\.[0-9]{1,6}"
_WEIGHT = re.compile(rf"(?P<signs>\++|-+)(?![\w+-]|\.\d)|(?P<number>{_NUMBER})(?!\w|\.\w)")
_INSIDE = re.compile(r":\s{0,9}(?P<number>[0-9]{1,6}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})\s{0,9}\Z")
_LONGEST = 40  # maximum length of a weight inside parentheses, longer than anything that `_INSIDE` matches
_GLUED = re.compile(r"\w|\.\w")  # characters that cannot directly follow the number of a weight
_WORD = re.compile(r"[^\s(),;:!?]+")
_ESCAPE = re.compile(r"\\([()\[\]\\:+-])")
_SIGNS = re.compile(r"(?<=[^\s,;:!?()+-])[+-]+(?=\.*(?:[\s,;:!?()]|\Z))")
_SPECIAL = re.compile(r"[()]|\\(?=[()\[\]\\:+-]|\Z)|[+-]+(?=\.*(?:[\s,;:!?()]|\Z))")


def _unescaped(prompt: str) -> tuple[str, str]:
    """Return the text without escapes, and a copy of equal length with escaped characters neutralized."""
    if "\\" not in prompt:
        return prompt, prompt
    mask = _ESCAPE.sub(lambda found: "," if found[1] in "()[]:" else "\0", prompt)
    return _ESCAPE.sub(r"\1", prompt), mask


def _fragments(text: str, mask: str) -> Iterator[Fragment]:
    """Yield the fragments of a prompt: text in nested weighted parentheses gets the product of their weights."""
    weighted = _weighted_parentheses(mask)
    ends = {closing: end for closing, end, _ in weighted.values()}
    weights = [1.0]
    begin = 0
    for at in sorted({*weighted, *ends}):
        yield from _signed_words(text[begin:at], mask[begin:at], weights[-1])
        if at in weighted:
            weights.append(weights[-1] * weighted[at][2])
            begin = at + 1
        else:
            weights.pop()
            begin = ends[at]
    yield from _signed_words(text[begin:], mask[begin:], weights[-1])


def _weighted_parentheses(mask: str) -> dict[int, tuple[int, int, float]]:
    """Return the weighted parentheses: opening position -> end of their text, end of the weight, weight."""
    opened: list[int] = []
    found: dict[int, tuple[int, int, float]] = {}
    for at, letter in enumerate(mask):
        if letter == "(":
            opened.append(at)
        elif letter == ")" and opened:
            opening = opened.pop()
            after = _WEIGHT.match(mask, at + 1)
            if after is not None:
                found[opening] = (at, after.end(), _factor(after))
            elif (inside := _weight_inside(mask, opening + 1, at)) is not None:
                found[opening] = (inside[0], at + 1, inside[1])
    return found


def _weight_inside(mask: str, begin: int, end: int) -> tuple[int, float] | None:
    """Return the position of the colon and the weight in `(a:1.3)`; `(16:9)` is a ratio and `(at 10:30)` a time."""
    close = max(begin, end - _LONGEST)
    found = _INSIDE.search(mask[close:end])
    if found is None:
        return None
    before = mask[max(begin, close + found.start() - _LONGEST) : close + found.start()].rstrip()
    if not before or (before[-1].isdigit() and found["number"].isdigit()):
        return None
    return close + found.start(), min(float(found["number"]), MAX_WEIGHT)


def _signed_words(text: str, mask: str, weight: float) -> Iterator[Fragment]:
    """Yield the fragments of text without weighted parentheses: words that end in `+` or `-`, and the rest."""
    begin = 0
    for found in _WORD.finditer(mask):
        signed = found[0].rstrip(".")
        word = signed.rstrip(signed[-1:]) if signed.endswith(("+", "-")) else ""
        if word and not word.endswith(("+", "-")):
            end = found.start() + len(word)
            yield Fragment(text[begin : found.start()], weight)
            yield Fragment(text[found.start() : end], weight * _signs(signed[len(word) :]))
            begin = found.start() + len(signed)
    yield Fragment(text[begin:], weight)


def _factor(found: re.Match[str]) -> float:
    return _signs(found["signs"]) if found["signs"] else min(float(found["number"]), MAX_WEIGHT)


def _signs(signs: str) -> float:
    return float((PLUS if signs[0] == "+" else MINUS) ** min(len(signs), MAX_SIGNS))


def _shown(fragments: Iterable[Fragment]) -> str:
    """Format fragments; a fragment that would be read as part of the previous weight gets its own parentheses."""
    shown, weight, before = "", "", ""  # `weight` is the weight of the parentheses that are still open
    for text, factor in ((fragment.text, fragment.weight) for fragment in fragments):
        inside = bool(weight and before.strip()) and not _WEIGHT.match(text) and bool(_GLUED.match(text))
        if weight:
            shown += f":{weight})" if inside else f"){float(weight):g}"
        wrapped = factor != 1.0 or (bool(weight) and not inside and bool(_GLUED.match(text)))
        shown += f"({text}" if wrapped else text
        weight, before = _decimal(factor) if wrapped else "", text
    return f"{shown}){float(weight):g}" if weight else shown


def _decimal(weight: float) -> str:
    """Return a weight with a decimal point, so that it is not taken for part of a ratio."""
    shown = f"{weight:.6f}".rstrip("0")
    return shown + "0" if shown.endswith(".") else shown


def _escaped(text: str, special: re.Pattern[str]) -> str:
    return special.sub(lambda found: "".join(f"\\{char}" for char in found[0]), text)
