"""Guess which values were meant by a word in the notation of another language: `1-8`, `1...8`, `x4`, `[1,2]`.

A guess is only text; whether an input takes these values has to be checked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .each import DOTS, DRAWS, TAILS
from .ranges import read_number

BRACKETS: Final = {"[": "]", "(": ")", "{": "}"}
ELLIPSES: Final = ("\u2026", "...", "\u2013", "\u2014")  # signs between the ends of a range: ellipses and dashes
COMMAS: Final = (";", "|", " ", ",")
TIMES: Final = ("x", "X", "*", "\u00d7")


def meant_values(text: str) -> Iterator[str]:
    """Yield the values that a word may have meant, in our notation, the most likely first; never the word itself."""
    inner = _inner(text.strip())
    items = [_item(item) for item in _items(inner)]
    found = [",".join(items)]
    if "/" in inner and DOTS not in inner:
        found.append(",".join(part for part in inner.split("/") if part))
    yield from (each for each in dict.fromkeys(found) if each not in ("", text, _with_zeros(text)))


def _inner(text: str) -> str:
    """Return the text inside brackets; `range(1,8)` becomes `1..8`."""
    name, opening, rest = text.partition("(")
    if opening and name.isalpha() and rest.endswith(")"):
        return rest[:-1].replace(",", DOTS, 1).replace(" ", "")
    return text[1:-1] if BRACKETS.get(text[:1]) == text[-1:] != "" else text


def _items(text: str) -> list[str]:
    for comma in COMMAS:
        text = text.replace(comma, ",")
    return [item for item in text.split(",") if item]


def _item(text: str) -> str:
    """Return one value, or a range, in our notation."""
    for times in TIMES:
        number = text.removeprefix(times) if text.startswith(times) else text.removesuffix(times)
        if number != text and number.isascii() and number.isdigit():
            return number + DRAWS
    for sign in ELLIPSES:
        text = text.replace(sign, DOTS)
    numbers = text.split("-")
    if len(numbers) > 2 and None not in map(read_number, numbers):
        return ",".join(numbers)
    first, dots, rest = text.partition(DOTS)
    if not dots:
        first, rest = _ends(text)
    if not (first and rest):
        return text
    last, more, step = rest.partition(DOTS)
    found = f"{first}{DOTS}{last}:{step}" if more else (first + DOTS + rest).rstrip(TAILS)
    return _with_zeros(found)


def _with_zeros(text: str) -> str:
    """Return a range with a digit before each decimal point: `0.2..0.8` for `.2...8`."""
    return ("0" + text if text.startswith(".") else text).replace(DOTS + ".", DOTS + "0.")


def _ends(text: str) -> tuple[str, str]:
    """Return both ends of a range with a `-` or `:` between them; the second one is "" if the text is not a range."""
    for sign in ("-", ":"):
        first, _, rest = text[1:].partition(sign)
        first = text[:1] + first
        end = next((at for at, char in enumerate(rest) if char in TAILS), len(rest))
        if read_number(first) is not None and read_number(rest[:end]) is not None:
            return first, rest
    return text, ""
