"""`stats [ID]`: show where a session's time and memory went, by node and by command."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from invocations.shown_numbers import readable_size
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.charts.duration import duration

from .call import Call
from .filters import chosen_id

if TYPE_CHECKING:
    from invocations.storing.totals import RunTotals, SessionTotals

ABOUT = "memory: peak of the program while a node ran, and the increase during that time"
HEAD = ("node", "command", "outcome", "time", "memory")
MAX_NODES = 100  # a longer table shows only the nodes that took longest


def run(call: Call) -> Answer:
    """Show the runs, seconds and bytes of each node in order, and of each command, slowest first."""
    session_id = chosen_id(call.shell, *call.values)
    most = None if call.shell.command_line.format == "json" else MAX_NODES
    totals = call.shell.workspace.invoker.totals(session_id, most)
    text = f"session {session_id}: {duration(totals.seconds)}"
    if totals.node_count > len(totals.nodes):
        left_out = f"the {len(totals.nodes)} of {totals.node_count} nodes that took longest; `stats --json` lists all"
        text = f"{left_out}\n{text}"
    measured = any(each.peak_bytes for each in totals.commands)
    return Answer("stats/1", _data(session_id, totals), _tables(totals), f"{ABOUT}\n{text}" if measured else text)


def _tables(totals: SessionTotals) -> tuple[Table, ...]:
    if not totals.nodes:
        return ()
    rows = [(each.node, each.type, *_row(each)) for each in totals.nodes]
    commands = [("all", each.type, *_row(each)) for each in totals.commands]
    return Table(HEAD, tuple(rows)), Table(HEAD, tuple(commands), "By command")


def _row(found: RunTotals) -> tuple[str, str, str]:
    return outcome(found), duration(found.seconds), _memory(found)


def outcome(found: RunTotals) -> str:
    """Return how often a node ran, was cached or failed, as in "run 3 x, failed"; a count of one is omitted."""
    counts = [("run", found.run - found.failed), ("cached", found.reused), ("failed", found.failed)]
    return ", ".join(f"{name} {count} x" if count > 1 else name for name, count in counts if count)


def _memory(found: RunTotals) -> str:
    """Return an amount of memory in readable form, or "" if it was not measured."""
    text = f"{readable_size(found.peak_bytes)} +{readable_size(found.grown_bytes)}" if found.peak_bytes else ""
    return text + (f"; GPU {readable_size(found.device_bytes)}" if found.device_bytes else "")


def _data(session_id: str, totals: SessionTotals) -> dict[str, Any]:
    return {
        "session": session_id,
        "commands": {each.type: _known(each) for each in totals.commands},
        "nodes": [{"node": each.node, "type": each.type, **_known(each)} for each in totals.nodes],
    }


def _known(found: RunTotals) -> dict[str, Any]:
    """Return totals with null for bytes that were not measured."""
    measured = bool(found.peak_bytes)
    figures = {name: value for name, value in asdict(found).items() if name not in ("node", "type")}
    return {name: None if name.endswith("_bytes") and not measured else value for name, value in figures.items()}
