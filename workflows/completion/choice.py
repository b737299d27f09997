"""One word that may be typed, before it is compared with what is typed."""

from __future__ import annotations

from dataclasses import dataclass

from invocations.language.printer import as_word, print_value

GAP = " · "


@dataclass(frozen=True, slots=True)
class Choice:
    """A word, its column, and its group: smaller ones suit the place better. `shown` is its label, if another.

    is_text: the word is a value, and is quoted where the language needs it.
    """

    word: str
    about: str = ""
    group: int = 0
    shown: str = ""
    is_text: bool = False


def quoted(choice: Choice) -> str:
    """Return the word as it is typed; a folder's quote stays open, so that typing goes on in it."""
    if not choice.is_text:
        return choice.word
    written = print_value(as_word(choice.word))
    if written != choice.word and choice.word.endswith("/"):
        return written[:-1]
    return written
