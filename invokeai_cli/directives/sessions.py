"""`sessions [WORD ...]`: list earlier sessions, latest first."""

from __future__ import annotations

from invocations.storing.base import SessionFilter
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.session_list import COLUMNS, info_data, info_row

from .call import Call
from .filters import limit, since


def run(call: Call) -> Answer:
    """List all sessions, or those with a line that contains all the words."""
    failed, begin = call.flag("failed"), since(call.option("since"))
    count = limit(call.option("limit"))
    found = call.shell.workspace.invoker.sessions(SessionFilter(call.values, failed, begin, limit=count))
    narrowed = bool(call.values or failed or begin)
    tables = (Table(COLUMNS, tuple(map(info_row, found))),) if found else ()
    none = "no session matches; `sessions` lists all" if narrowed else "nothing has been run yet"
    return Answer("sessions/1", {"sessions": [info_data(info) for info in found]}, tables, "" if found else none)
