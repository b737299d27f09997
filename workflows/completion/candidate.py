"""One word that may be typed, before it is compared with what is typed."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.language.printer import as_word, print_value

GAP = " · "


@frozen
class Candidate:
    """A word, its column, and its group: smaller ones suit the place better. `shown` is its label, if another.

    is_text: the word is a value, and is quoted where the language needs it.
    """

    word: str
    about: str = ""
    group: int = 0
    shown: str = ""
    is_text: bool = False


def quoted(candidate: Candidate) -> str:
    """Return the word as it is typed; a folder's quote stays open, so that typing continues in it."""
    if not candidate.is_text:
        return candidate.word
    written = print_value(as_word(candidate.word))
    if written != candidate.word and candidate.word.endswith("/"):
        return written[:-1]
    return written
