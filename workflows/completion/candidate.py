"""A candidate for completion: a word that may be suggested if it matches the typed text."""

from __future__ import annotations

from invocations.frozen import frozen
from invocations.language.printer import as_word, print_value
from invocations.spec import FieldSpec

GAP = " · "
Link = tuple[str, int, str]  # an input, and the number and the output of the stage that is linked to it


@frozen
class Candidate:
    """A word that may be suggested.

    about: its description
    group: candidates of lower groups are listed first
    shown: its label in the menu, if it differs from the word
    is_text: whether the word is a value, which is quoted if the language requires it
    also: synonyms, which match if they begin with the typed text
    kind: what the word is, such as a command, an option, a model or a file
    field: the input that an option or a name sets
    links: the links that a command would make: the input, the number of the stage and its output
    """

    word: str
    about: str = ""
    group: int = 0
    shown: str = ""
    is_text: bool = False
    also: tuple[str, ...] = ()
    kind: str = "word"
    field: FieldSpec | None = None
    links: tuple[Link, ...] = ()


def quoted(candidate: Candidate) -> str:
    """Return the word with quotes if it needs them; after a folder the quote stays open, so typing can continue."""
    if not candidate.is_text:
        return candidate.word
    written = print_value(as_word(candidate.word))
    if written != candidate.word and candidate.word.endswith("/"):
        return written[:-1]
    return written
