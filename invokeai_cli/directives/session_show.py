"""`session show [ID]`: show a session's lines, nodes and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.storing.base import SessionFilter
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.chosen_session import chosen_id
from workflows.session_page import line_rows, node_rows, session_data
from workflows.shown_text import local_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.sessions.session import SessionLine
    from invocations.storing.base import LineInfo, SessionInfo

    from .call import Call

MAX_ENTRIES = 1000  # if a session has more log entries than this, only its latest lines are listed
MAX_LINES = 100


def run(call: Call) -> Answer:
    """Show the named session or, without a name, the current or latest one."""
    session_id = chosen_id(call.shell.workspace, *call.values)
    invoker = call.shell.workspace.invoker
    if call.shell.command_line.format != "json" and not call.flag("all"):
        info = invoker.sessions(SessionFilter(session=session_id))[0]
        if info.entries > MAX_ENTRIES:
            return _summary(info, invoker.lines(SessionFilter(session=session_id, limit=MAX_LINES)))
    session = invoker.open(session_id)
    rows = node_rows(session)
    tables = [*_lines(session.lines), *([Table(("node", "", ""), rows)] if rows else [])]
    return Answer("session/1", session_data(session), tuple(tables), _began(session_id, session.created))


def _lines(lines: Sequence[LineInfo | SessionLine]) -> list[Table]:
    rows = line_rows(lines)
    return [Table(("line", "", ""), rows)] if rows else []


def _began(session_id: str, created: float) -> str:
    return f"session {session_id}, started {local_time(created)}"


def _summary(info: SessionInfo, lines: Sequence[LineInfo]) -> Answer:
    """Return the answer for a session that is too long to be read as a whole."""
    shown = f"the latest {len(lines)} of {info.lines} lines" if len(lines) < info.lines else f"{info.lines} lines"
    failed = f", {info.failed} failed" if info.failed else ""
    text = f"{_began(info.id, info.created)}\n{shown}{failed}; {info.nodes} nodes"
    hint = f"`session show {info.id} --all` lists every node and its results"
    return Answer("session/1", {}, tuple(_lines(lines)), f"{text}\n{hint}")
