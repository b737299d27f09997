"""`stats [ID]`: where a session's time went, by command."""

from __future__ import annotations

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.progress import duration
from invokeai_cli.render.tables import Table

from .call import Call
from .chosen import chosen


def run(call: Call) -> Answer:
    """Add up runs, reuses and seconds by command, the longest first."""
    session = chosen(call.shell, *call.expect(0, 1))
    sums: dict[str, list[float]] = {}
    for event in session.history:
        seconds = getattr(event, "seconds", None)
        if seconds is None:
            continue
        entry = sums.setdefault(event.node_type, [0, 0, 0.0])
        entry[1 if getattr(event, "reused", False) else 0] += 1
        entry[2] += seconds
    order = sorted(sums, key=lambda name: -sums[name][2])
    rows = tuple((name, f"{sums[name][0]:.0f}", f"{sums[name][1]:.0f}", duration(sums[name][2])) for name in order)
    data = {name: {"run": int(sums[name][0]), "reused": int(sums[name][1]), "seconds": sums[name][2]} for name in order}
    tables = (Table(("command", "run", "reused", "time"), rows),) if rows else ()
    total = duration(sum(line.seconds for line in session.lines))
    return Answer("stats/1", {"session": session.id, "commands": data}, tables, f"session {session.id}: {total}")
