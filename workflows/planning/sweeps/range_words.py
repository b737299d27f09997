"""Ranges that are written as several words: `1 to 8`, `1..8 by 2`, `1 .. 8`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from invocations.language.tree import Word
from invocations.spec import FieldSpec

from .hints import meant_hint, takes
from .kinds import kind_of

TO: Final = ("to", "..", "...", "-", "\u2013", "until", "through")
BY: Final = ("by", "step")
RANGE: Final = ("..", "-", "\u2013")  # signs between the ends of a range that is one word
ELLIPSIS: Final = "..."  # stands for a range whose notation has to be checked


def range_of(field: FieldSpec, words: Sequence[Word]) -> tuple[int, str] | None:
    """Return how many of the words are a range, and a hint on how to write it; None if they are no range.

    field: the input that takes the range
    """
    texts = [word.text.lower() for word in words]
    text, count = texts[0], 1
    if len(texts) > 2 and texts[1] in TO:
        text, count = f"{text}{ELLIPSIS}{texts[2]}", 3
    is_range = count > 1 or any(sign in text[1:] for sign in RANGE)
    if is_range and len(texts) > count + 1 and texts[count] in BY:
        text, count = f"{text}:{texts[count + 1]}", count + 2
    if count == 1 or kind_of(field) != "numbers":
        return None
    hint = f"write {text}" if ELLIPSIS not in text and takes(field, text) else meant_hint(field, text)
    return (count, hint) if hint is not None else None
