"""A candidate for completion, before it is matched with the typed text."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.language.printer import as_word, print_value

GAP = " · "


@frozen
class Candidate:
    """A word, its description, and its group: lower groups are more likely. `shown` is its label, if different.

    is_text: the word is a value, which is quoted if the language requires it.
    """

    word: str
    about: str = ""
    group: int = 0
    shown: str = ""
    is_text: bool = False


def quoted(candidate: Candidate) -> str:
    """Return the word as typed; a folder's quote stays open, so that typing continues in it."""
    if not candidate.is_text:
        return candidate.word
    written = print_value(as_word(candidate.word))
    if written != candidate.word and candidate.word.endswith("/"):
        return written[:-1]
    return written
