"""The names that an application reserves for its directives; no node or recipe may have one."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Final

from invocations.frozen import frozen

from .problems import ApplicationError


@frozen
class ReservedWords:
    """The names that directives use.

    summaries: the directives, each with what it does
    lines: the directives that are followed by a line, each split into words: ("explain",), ("cache", "why")
    switches: for each of these directives, the options that may come before or after the line
    aliases: former names of directives, accepted but not listed
    subcommands: for each directive with subcommands, their names
    """

    summaries: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[tuple[str, ...], ...] = ()
    switches: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aliases: frozenset[str] = frozenset()
    subcommands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, word: object) -> bool:
        return word in self.summaries or word in self.aliases

    def __iter__(self) -> Iterator[str]:
        return iter(self.summaries)

    def __len__(self) -> int:
        return len(self.summaries)

    def before_line(self, words: Sequence[str]) -> int:
        """Return how many of the words name a directive that takes a line; 0 if they name none."""
        return next((len(own) for own in self.lines if tuple(words[: len(own)]) == own), 0)

    def having(self, subcommand: str) -> list[str]:
        """Return the directives that have a subcommand with this name."""
        return [name for name, words in self.subcommands.items() if subcommand in words]


NO_WORDS: Final = ReservedWords()
WILDCARDS: Final = "--wildcards"  # an option of every command; it takes a folder
SWEEP_SUMMARY: Final = "run a line once for each item of the lists that it declares"
LATEST: Final = "latest"  # means the latest session
STANDARD_INPUT: Final = "-"  # a script of this name is read from standard input


class NameClash(ApplicationError):
    """A node or recipe has the same name as a directive."""

    code = "name_clash"


def check_clash(types: Container[str], reserved: Collection[str]) -> None:
    """Refuse a node or recipe with a reserved name. Raises: NameClash."""
    for word in reserved:
        if word in types:
            raise NameClash(
                f"`{word}` is a shell directive, but a node or a recipe has the same name",
                "rename the node or recipe; the directives are " + ", ".join(reserved),
            )
