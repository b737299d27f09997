"""`stats [ID]`: show where a session's time and memory went, by node and by command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.charts.work import work_columns
from workflows.chosen_session import chosen_id
from workflows.session_totals import totals_data, totals_row
from workflows.shown_text import duration

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.storing.totals import RunTotals, SessionTotals
    from workflows.charts.work import Column

MEMORY = "memory: peak of the program while a node ran, and the increase during that time"
HEAD = ("node", "command", "outcome", "time", "memory")
FIGURES = ("run", "reused", "failed", "seconds")
SIZES = ("peak_bytes", "grown_bytes", "device_bytes")
MAX_NODES = 100  # a longer table shows only the nodes that took longest


def run(call: Call) -> Answer:
    """Show the runs, seconds and bytes of each node in order, and of each command, slowest first."""
    session_id = chosen_id(call.shell.workspace, *call.values)
    most = None if call.shell.command_line.format == "json" else MAX_NODES
    totals = call.shell.workspace.invoker.totals(session_id, most)
    text = f"session {session_id}: {duration(totals.seconds)}"
    if totals.node_count > len(totals.nodes):
        left_out = f"the {len(totals.nodes)} of {totals.node_count} nodes that took longest; `stats --json` lists all"
        text = f"{left_out}\n{text}"
    more = work_columns(totals.commands)
    about = [MEMORY] if any(each.peak_bytes for each in totals.commands) else []
    about += [f"{column.name}: {column.about}" for column in more]
    return Answer("stats/1", totals_data(session_id, totals), _tables(totals, more), "\n".join([*about, text]))


def _tables(totals: SessionTotals, more: Sequence[Column]) -> tuple[Table, ...]:
    if not totals.nodes:
        return ()
    head = (*HEAD, *[column.name for column in more])
    rows = [(each.node, each.type, *totals_row(each), *_cells(each, more)) for each in totals.nodes]
    commands = [("all", each.type, *totals_row(each), *_cells(each, more)) for each in totals.commands]
    return Table(head, tuple(rows)), Table(head, tuple(commands), "By command")


def _cells(totals: RunTotals, columns: Sequence[Column]) -> list[str]:
    return [column.cell(totals) for column in columns]
