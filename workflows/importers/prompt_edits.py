"""Replace AUTOMATIC1111's prompt editing, `[from:to:when]` and `[this|that]`, with the first of its alternatives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_DEPTH = 32  # how deep brackets may be nested; deeper ones are plain text
SHOWN = 60  # how many characters of an alternative a note quotes
_WHEN = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)\s*")


@dataclass(slots=True)
class _Bracket:
    """A bracket that is still open.

    parts: the alternatives inside the bracket, each as a list of pieces
    between: the characters that separate the parts, `:` or `|`
    parentheses: how many parentheses are open inside the bracket
    """

    parts: list[list[str]] = field(default_factory=lambda: [[]])
    between: list[str] = field(default_factory=list)
    parentheses: int = 0

    def add(self, text: str) -> None:
        self.parts[-1].append(text)

    def texts(self) -> list[str]:
        return ["".join(part) for part in self.parts]

    def whole(self) -> str:
        texts = self.texts()
        return texts[0] + "".join(sign + text for sign, text in zip(self.between, texts[1:], strict=True))


def without_edits(prompt: str, notes: list[str]) -> str:
    """Return a prompt without prompt editing; other brackets, such as `[16:9 ratio]`, are kept."""
    opened = [_Bracket()]
    at = 0
    while at < len(prompt):
        char, top = prompt[at], opened[-1]
        if char == "\\":
            top.add(prompt[at : at + 2])
            at += 1
        elif char == "[" and len(opened) <= MAX_DEPTH:
            opened.append(_Bracket())
        elif char == "]" and len(opened) > 1:
            opened.pop()
            opened[-1].add(_closed(top, notes))
        elif char in ":|" and len(opened) > 1 and not top.parentheses:
            top.between.append(char)
            top.parts.append([])
        else:
            top.parentheses = max(0, top.parentheses + (char == "(") - (char == ")"))
            top.add(char)
        at += 1
    while len(opened) > 1:
        rest = opened.pop()
        opened[-1].add(f"[{rest.whole()}")
    return opened[0].whole()


def _closed(bracket: _Bracket, notes: list[str]) -> str:
    texts, whole = bracket.texts(), bracket.whole()
    if "|" in bracket.between:
        choices = re.split(r"\|", whole)
    elif 1 < len(texts) <= 3 and _WHEN.fullmatch(texts[-1]):
        choices = texts[:-1]
    else:
        return f"[{whole}]"
    first = next((text for text in choices if text.strip()), "")
    notes.append(
        f"`[{_short(whole)}]` changes while sampling, which is not supported: `{_short(first.strip())}` is used"
    )
    return first


def _short(text: str) -> str:
    return text[:SHOWN]
