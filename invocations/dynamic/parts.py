"""The parts of a parsed template. Positions are indices of characters in the template."""

from __future__ import annotations

from typing import Final, Literal

from invocations.frozen import frozen

Sampler = Literal["", "~", "!", "@"]  # as in the whole template; random; all; each in turn
DEFAULT_SEPARATOR: Final = ","
EVERY: Final = 1_000_000  # the upper bound of a group that may choose all its alternatives


@frozen
class Literally:
    """Text without anything dynamic."""

    text: str


@frozen
class Alternative:
    """One alternative of a group; `weight` is its relative frequency in random draws."""

    value: Phrase
    weight: float = 1.0


@frozen
class Variants:
    """Alternatives in braces, of which `low` to `high` different ones are chosen and joined."""

    alternatives: tuple[Alternative, ...]
    low: int = 1
    high: int = 1
    separator: str = DEFAULT_SEPARATOR
    sampler: Sampler = ""


@frozen
class Wildcard:
    """A reference to the lines of wildcard files; `path` may contain variables and groups."""

    path: Phrase
    sampler: Sampler
    variables: tuple[tuple[str, Phrase], ...]
    start: int
    end: int


@frozen
class Access:
    """The value of a variable, or the default if the variable is not set."""

    name: str
    default: Phrase | None
    start: int
    end: int


@frozen
class Assignment:
    """Set a variable for the phrase that contains the assignment.

    immediate: the value is chosen once for each result, not at each use
    keeps: a value that the variable already has is not replaced
    """

    name: str
    value: Phrase
    immediate: bool
    keeps: bool


@frozen
class Wrap:
    """Text around other text: `inner` replaces the first `...` of `wrapper`."""

    wrapper: Phrase
    inner: Phrase


Part = Literally | Variants | Wildcard | Access | Assignment | Wrap


@frozen
class Phrase:
    """Parts that follow one another."""

    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """The text, if the phrase contains nothing dynamic."""
        if not self.parts:
            return ""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only.text if isinstance(only, Literally) else None
