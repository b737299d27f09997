"""The tool `history`: the lines that were run, by anyone on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.storing.base import SessionFilter
from workflows.chosen_session import chosen_id
from workflows.session_page import shown
from workflows.shown_text import duration, local_time

from .answer import ToolAnswer
from .arguments import HistoryArguments

if TYPE_CHECKING:
    from invocations.storing.base import LineInfo

    from .connection import Connection


def list_history(connection: Connection, arguments: HistoryArguments) -> ToolAnswer:
    """List lines, the latest last. Raises: UsageError, if there is no such session."""
    with connection.planning() as workspace:
        session = chosen_id(workspace, arguments.session) if arguments.session else ""
        wanted = SessionFilter(tuple(arguments.words.split()), arguments.failed, session=session, limit=arguments.limit)
        lines = workspace.invoker.lines(wanted)
    data = {
        "lines": [
            {
                "line": each.text,
                "session": each.session,
                "number": each.number,
                "started": each.started,
                "seconds": each.seconds,
                "outcome": each.outcome,
                "source": each.source,
            }
            for each in lines
        ]
    }
    return ToolAnswer("\n".join(map(_row, lines)) or "no line matches", data)


def _row(line: LineInfo) -> str:
    took = duration(line.seconds) if line.outcome else ""
    return "  ".join(part for part in (local_time(line.started), took, shown(line.outcome), line.text.strip()) if part)
