"""Columns of a table: where nodes ran, and how long they waited for workers and models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from .duration import duration

if TYPE_CHECKING:
    from invocations.storing.totals import RunTotals

FIGURES = ("queue_seconds", "load_seconds", "workers", "batch")

Column = tuple[str, Callable[["RunTotals"], str]]  # a name, and a function that returns the text of a cell


def work_columns(totals: Iterable[RunTotals]) -> Sequence[Column]:
    """Return the columns that are not empty for all of these totals."""
    found = list(totals)
    return [column for column in _ALL if any(map(column[1], found))]


def work_figures(totals: RunTotals) -> dict[str, int | float | str]:
    """Return the figures about workers, waiting, loading and batches by name, without default values."""
    figures = {name: getattr(totals, name) for name in FIGURES}
    return {name: value for name, value in figures.items() if value and not (name == "batch" and value == 1)}


def _seconds(seconds: float) -> str:
    return duration(seconds) if seconds else ""


_ALL: Sequence[Column] = (
    ("waiting", lambda totals: _seconds(totals.queue_seconds)),
    ("loading", lambda totals: _seconds(totals.load_seconds)),
    ("batch", lambda totals: str(totals.batch) if totals.batch > 1 else ""),
    ("workers", lambda totals: totals.workers),
)
