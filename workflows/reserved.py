"""The words that an application reserves for its directives: no node or recipe may have such a name."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Final

from invocations.frozen import frozen

from .problems import ApplicationError


@frozen
class ReservedWords:
    """The words that begin a directive instead of a line of commands, with what each does.

    lines: the words that a line of commands may follow. switches: by directive, the options that may stand before or
    after its line. aliases: former names, accepted but not listed.
    """

    summaries: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[tuple[str, ...], ...] = ()
    switches: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()

    def __contains__(self, word: object) -> bool:
        return word in self.summaries or word in self.aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self.summaries)

    def __len__(self) -> int:
        return len(self.summaries)

    def before_line(self, words: Sequence[str]) -> int:
        """Return how many of these words stand before a line of commands, 0 if none may follow."""
        return next((len(own) for own in self.lines if tuple(words[: len(own)]) == own), 0)


NO_WORDS: Final = ReservedWords()
STANDARD_INPUT: Final = "-"  # as the name of a script


class NameClash(ApplicationError):
    """A node is named like a directive."""

    code = "name_clash"


def check_clash(types: Container[str], reserved: Collection[str]) -> None:
    """Refuse a node or a recipe named like a reserved word. Raises: NameClash."""
    for word in reserved:
        if word in types:
            raise NameClash(
                f"`{word}` is a shell directive, and a node or a recipe has the same name",
                "rename the node: directives are " + ", ".join(reserved),
            )
