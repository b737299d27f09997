"""`sessions`: what was run before, the latest first."""

from __future__ import annotations

import time

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table

from .call import Call


def run(call: Call) -> Answer:
    """List the sessions that are kept."""
    call.expect(0, 0)
    found = call.shell.invoker.sessions()
    rows = tuple((info.id, moment(info.changed), str(info.lines), info.first_line) for info in found)
    data = [
        {"id": s.id, "created": s.created, "changed": s.changed, "lines": s.lines, "first_line": s.first_line}
        for s in found
    ]
    tables = (Table(("session", "changed", "lines", "first line"), rows),) if rows else ()
    return Answer("sessions/1", {"sessions": data}, tables, "" if rows else "nothing was run yet")


def moment(seconds: float) -> str:
    """Return a time (seconds since 1970) as the clock on the wall here shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
