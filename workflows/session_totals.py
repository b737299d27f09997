"""Where the time and memory of a session went, as rows and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from invocations.shown_numbers import readable_size

from .charts.work import FIGURES, work_figures
from .shown_text import duration

if TYPE_CHECKING:
    from invocations.storing.totals import RunTotals, SessionTotals


def totals_row(found: RunTotals) -> tuple[str, str, str]:
    """Return how often a node or a command ran, how long that took, and how much memory it needed."""
    return _outcome(found), duration(found.seconds), _memory(found)


def totals_data(session_id: str, totals: SessionTotals) -> dict[str, Any]:
    """Return where the time and memory of a session went as JSON data."""
    return {
        "session": session_id,
        "commands": {each.type: _known(each) for each in totals.commands},
        "nodes": [{"node": each.node, "type": each.type, **_known(each)} for each in totals.nodes],
    }


def _outcome(found: RunTotals) -> str:
    """Return how often a node ran, was cached or failed, as in "run 3 x, failed"; a count of one is omitted."""
    counts = [("run", found.run - found.failed), ("cached", found.reused), ("failed", found.failed)]
    return ", ".join(f"{name} {count} x" if count > 1 else name for name, count in counts if count)


def _memory(found: RunTotals) -> str:
    """Return an amount of memory in readable form, or "" if it was not measured."""
    text = f"{readable_size(found.peak_bytes)} +{readable_size(found.grown_bytes)}" if found.peak_bytes else ""
    return text + (f"; GPU {readable_size(found.device_bytes)}" if found.device_bytes else "")


def _known(found: RunTotals) -> dict[str, Any]:
    """Return totals with null for bytes that were not measured."""
    measured = bool(found.peak_bytes)
    figures = {name: value for name, value in asdict(found).items() if name not in ("node", "type", *FIGURES)}
    known = {name: None if name.endswith("_bytes") and not measured else value for name, value in figures.items()}
    return known | work_figures(found)
