"""Columns of a table: where nodes ran, and how long they waited for workers and models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from workflows.shown_text import duration

if TYPE_CHECKING:
    from invocations.storing.totals import RunTotals

FIGURES = ("queue_seconds", "load_seconds", "workers", "batch")


class Column(NamedTuple):
    """A column of the table; `cell` returns the text of a cell, `about` is an explanation for the reader."""

    name: str
    cell: Callable[[RunTotals], str]
    about: str


def work_columns(totals: Iterable[RunTotals]) -> Sequence[Column]:
    """Return the columns that are not empty for all of these totals."""
    found = list(totals)
    return [column for column in _ALL if any(map(column.cell, found))]


def work_figures(totals: RunTotals) -> dict[str, int | float | str]:
    """Return the figures about workers, waiting, loading and batches by name, without default values."""
    figures = {name: getattr(totals, name) for name in FIGURES}
    return {name: value for name, value in figures.items() if value and not (name == "batch" and value == 1)}


def _seconds(seconds: float) -> str:
    return duration(seconds) if seconds else ""


_ALL: Sequence[Column] = (
    Column(
        "waiting",
        lambda totals: _seconds(totals.queue_seconds),
        "time before a node began, because its worker was starting or busy",
    ),
    Column("loading", lambda totals: _seconds(totals.load_seconds), "time for loading models, which `time` includes"),
    Column(
        "batch",
        lambda totals: str(totals.batch) if totals.batch > 1 else "",
        "largest number of nodes that ran at once",
    ),
    Column(
        "workers",
        lambda totals: totals.workers,
        "processes in which the nodes ran, and their device; the times of several workers overlap",
    ),
)
