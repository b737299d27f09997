"""`sessions [WORD ...]`: what was run before, the latest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.language.did_you_mean import did_you_mean
from invocations.storing.base import SessionFilter
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.render.text import file_size, local_time
from workflows.problems import UsageError

from . import DIRECTIVES
from .call import Call
from .filters import FAILED, LIMIT, SINCE, failed_and_since, limit

if TYPE_CHECKING:
    from invocations.storing.base import SessionInfo

COLUMNS = ("session", "changed", "lines", "nodes", "size", "first line")


def run(call: Call) -> Answer:
    """List the sessions that are kept, or those with a line in which all the words occur."""
    failed, begin, call = failed_and_since(call)
    most, call = limit(call)
    for word in call.words:
        if word.startswith("--"):
            hint = did_you_mean(word, (FAILED, SINCE, LIMIT), f"usage: {DIRECTIVES['sessions'].usage}")
            raise UsageError(f"`sessions` has no option `{word}`", hint)
    found = call.shell.workspace.invoker.sessions(SessionFilter(call.words, failed, begin, most=most))
    narrowed = bool(call.words or failed or begin)
    tables = (Table(COLUMNS, tuple(map(_row, found))),) if found else ()
    none = "no session is like that; `sessions` alone lists all" if narrowed else "nothing was run yet"
    return Answer("sessions/1", {"sessions": [_data(info) for info in found]}, tables, "" if found else none)


def _row(info: SessionInfo) -> tuple[str, ...]:
    lines = f"{info.lines}, {info.failed} failed" if info.failed else str(info.lines)
    size = file_size(info.bytes)
    return info.id, local_time(info.changed), lines, str(info.nodes), size, " ".join(info.first_line.split())


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
    }
