r"""Parse the weights of other tools' prompts, such as `(word:1.3)` and `(word)`, which stands for 1.1. Needs no torch.

A bracket after a backslash is plain text. In AUTOMATIC1111, `[word]` has the weight 1/1.1, nested weights multiply, and
`BREAK` begins a new chunk. In ComfyUI, a written weight replaces outer weights, and square brackets are plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .prompt_weights import Fragment

BRACKET = 1.1
MAX_DEPTH = 32  # maximum depth of nested brackets; deeper brackets are plain text
_TOKEN = re.compile(
    r"(?P<escaped>\\[()\[\]\\])|(?P<opening>[(\[])|:\s{0,9}(?P<weight>[+-]?(?:\d{1,6}\.?\d{0,9}|\.\d{1,9}))\s{0,9}\)"
    r"|(?P<closing>[)\]])|(?P<text>[^\\()\[\]:]+|.)",
    re.DOTALL,
)
_BREAK = re.compile(r"(?:(?<!\s)\s+)?\bBREAK\b\s*")  # without `(?<!\s)`, long runs of spaces take quadratic time


def parse_a1111(prompt: str) -> list[Fragment]:
    """Split a prompt in AUTOMATIC1111's syntax into fragments; weights may be negative or large."""
    pieces: list[Fragment] = []
    opened: dict[str, list[int]] = {"(": [], "[": []}  # for each open bracket, the index of the first piece inside it

    def close(bracket: str, factor: float) -> None:
        for i in range(opened[bracket].pop(), len(pieces)):
            pieces[i] = Fragment(pieces[i].text, pieces[i].weight * factor)

    for found in _TOKEN.finditer(prompt):
        kind, text = found.lastgroup, found[0]
        if kind == "opening" and len(opened[text]) < MAX_DEPTH:
            opened[text].append(len(pieces))
        elif kind == "weight" and opened["("]:
            close("(", float(found["weight"]))
        elif text == ")" and opened["("]:
            close("(", BRACKET)
        elif text == "]" and opened["["]:
            close("[", 1 / BRACKET)
        else:
            pieces.append(Fragment(text[1:] if kind == "escaped" else text))
    for bracket, factor in (("(", BRACKET), ("[", 1 / BRACKET)):
        while opened[bracket]:
            close(bracket, factor)
    return pieces


def parse_comfyui(prompt: str) -> list[Fragment]:
    """Split a prompt in ComfyUI's syntax into fragments; weights may be negative or large."""
    return list(_replaced(prompt, 1.0, 0))


def _replaced(prompt: str, weight: float, depth: int) -> Iterator[Fragment]:
    """Yield the fragments of a prompt with this weight; a weight written in parentheses replaces it inside them."""
    at = begin = level = 0
    while at < len(prompt):
        char = prompt[at]
        if char == "\\" and prompt[at + 1 : at + 2] in ("(", ")"):
            at += 1
        elif char == "(":
            if level == 0:
                yield from _text(prompt[begin:at], weight)
                begin = at + 1
            level += 1
        elif char == ")" and level:
            level -= 1
            if level == 0:
                yield from _inside(prompt[begin:at], weight, depth)
                begin = at + 1
        at += 1
    yield from _inside(prompt[begin:], weight, depth, closed=False) if level else _text(prompt[begin:], weight)


def _inside(text: str, weight: float, depth: int, *, closed: bool = True) -> Iterator[Fragment]:
    if not closed or depth >= MAX_DEPTH:
        yield from _text(f"({text})" if closed else f"({text}", weight)
        return
    words, _, number = text.rpartition(":")
    written = _number(number) if words else None
    yield from _replaced(
        text if written is None else words, weight * BRACKET if written is None else written, depth + 1
    )


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\s{0,9}[+-]?(\d{1,6}\.?\d{0,9}|\.\d{1,9})\s{0,9}", text) else None


def _text(text: str, weight: float) -> Iterator[Fragment]:
    yield Fragment(text.replace("\\(", "(").replace("\\)", ")"), weight)


def at_breaks(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """Split fragments at each `BREAK`."""
    parts: list[list[Fragment]] = [[]]
    for fragment in fragments:
        first, *others = _BREAK.split(fragment.text)
        parts[-1].append(Fragment(first, fragment.weight))
        parts += [[Fragment(text, fragment.weight)] for text in others]
    return parts
