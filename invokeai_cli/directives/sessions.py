"""`sessions [WORD ...]`: list earlier sessions, latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.shown_numbers import readable_size
from invocations.storing.base import SessionFilter
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.shown_text import local_time

from .call import Call
from .filters import limit, since
from .session_show import INTERRUPTED, UNFINISHED

if TYPE_CHECKING:
    from invocations.storing.base import SessionInfo

COLUMNS = ("session", "changed", "lines", "nodes", "size", "first line")


def run(call: Call) -> Answer:
    """List all sessions, or those with a line that contains all the words."""
    failed, begin = call.flag("failed"), since(call.option("since"))
    count = limit(call.option("limit"))
    found = call.shell.workspace.invoker.sessions(SessionFilter(call.values, failed, begin, limit=count))
    narrowed = bool(call.values or failed or begin)
    tables = (Table(COLUMNS, tuple(map(_row, found))),) if found else ()
    none = "no session matches; `sessions` lists all" if narrowed else "nothing has been run yet"
    return Answer("sessions/1", {"sessions": [_data(info) for info in found]}, tables, "" if found else none)


def _row(info: SessionInfo) -> tuple[str, ...]:
    counts = {"failed": info.failed - info.cancelled, INTERRUPTED: info.cancelled, UNFINISHED: info.open}
    lines = [str(info.lines), *(f"{count} {outcome}" for outcome, count in counts.items() if count)]
    size = readable_size(info.bytes)
    lines += ["imported"] if info.imported else []
    return info.id, local_time(info.changed), ", ".join(lines), str(info.nodes), size, " ".join(info.first_line.split())


def _data(info: SessionInfo) -> dict[str, object]:
    return {
        "id": info.id,
        "created": info.created,
        "changed": info.changed,
        "lines": info.lines,
        "failed": info.failed,
        "nodes": info.nodes,
        "bytes": info.bytes,
        "first_line": info.first_line,
        "imported": info.imported,
        "interrupted": info.cancelled,
        "unfinished": info.open,
    }
