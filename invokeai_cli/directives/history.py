"""`history [COUNT]`: the lines of past sessions, the latest last."""

from __future__ import annotations

from invocations.errors import InvocationError
from invokeai_cli.errors import UsageError
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table

from .call import Call
from .sessions import moment

USUAL = 50  # lines


def run(call: Call) -> Answer:
    """List lines with when they were typed, how they ended, and their session."""
    (text,) = call.expect(0, 1) or (str(USUAL),)
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 7):
        raise UsageError(f"`history` takes a number of lines, not `{text}`", "usage: history [COUNT]")
    wanted = int(text)
    found: list[tuple[float, str, str, str]] = []
    for info in call.shell.invoker.sessions():
        if len(found) >= wanted:
            break
        try:
            lines = call.shell.invoker.open(info.id).lines
        except InvocationError as error:  # a plug-in is gone, or the file is damaged: the others are still told
            call.shell.renderer.warning(f"session {info.id} cannot be read: {error.message}")
            continue
        found += [(line.started, line.outcome or "not run", line.text.strip(), info.id) for line in lines]
    found = sorted(found)[-wanted:]
    rows = tuple((moment(when), outcome, line) for when, outcome, line, _ in found)
    data = [{"started": when, "outcome": outcome, "line": line, "session": s} for when, outcome, line, s in found]
    tables = (Table(("", "", ""), rows),) if rows else ()
    return Answer("history/1", {"lines": data}, tables, "" if rows else "nothing was run yet")
