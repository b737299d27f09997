"""What the options of a stage say about its sweep."""

from __future__ import annotations

from dataclasses import field

from invocations.frozen import frozen, mutable
from invocations.language.source import Span


@frozen
class ZippedNames:
    """Axes that advance together: their names with their places. short: whether longer axes are cut."""

    names: tuple[tuple[str, Span], ...]
    short: bool
    span: Span


@frozen
class Varied:
    """A word in the text of a stage, and the words that replace it in further items."""

    old: str
    news: tuple[str, ...]
    span: Span


@mutable
class SweepOptions:
    """The options that shape the sweep of one stage.

    dynamic: the place of `--dynamic`, or None. draws: how many prompts `--dynamic` draws; None for all
    folders: the folders with wildcard files. wildcards: the place of the last `--wildcards`, or None
    """

    zips: list[ZippedNames] = field(default_factory=list)
    varied: list[Varied] = field(default_factory=list)
    dynamic: Span | None = None
    draws: int | None = None
    folders: list[str] = field(default_factory=list)
    wildcards: Span | None = None
