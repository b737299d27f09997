"""A shell's words into one line: each arrives whole, so what it holds is quoted where the line needs it."""

from __future__ import annotations

from collections.abc import Iterable

from .printer import GLUED, as_glued_word, as_word, print_value
from .tokens import LETTERS, is_blank, is_name, scan


def join_words(words: Iterable[str]) -> str:
    """Return the line that the words of a shell stand for; a lone `|` is a bar."""
    pieces: list[str] = []
    ended = False
    for word in words:
        pieces.append(_value(word) if ended and word != "|" else _argument(word))
        ended = word != "|" and (ended or word == "--")
    return " ".join(pieces)


def _argument(word: str) -> str:
    if word in ("|", "--", "as"):
        return word
    if word.startswith("--"):
        name, equals, value = word[2:].partition("=")
        if is_name(name):
            return f"--{name}{equals}" + (_value(value, glued=True) if equals else "")
    elif word[:1] == "-" and word[1:2] in LETTERS and not is_blank(word[2:3] or "x"):
        return word[:2] + ("=" + _value(word[2:].removeprefix("="), glued=True) if word[2:] else "")
    if word.startswith("--") and len(scan(word)) == 1:
        return word  # no option, but meant as one: the parser says so
    return _value(word)


def _value(word: str, *, glued: bool = False) -> str:
    if word.startswith("@") and len(scan(word)) == 1:
        return word
    return print_value(as_glued_word(word), after=GLUED) if glued else print_value(as_word(word))
