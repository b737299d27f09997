"""`session show [ID]`: show a session's lines, nodes and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.graph.holes import missing
from invocations.sessions.journal import CANCELLED
from invocations.storing.base import SessionFilter
from invocations.values import ImageRef, Ref, to_json
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.charts.chart import items_missing
from workflows.charts.duration import duration
from workflows.shown_text import local_time

from .filters import chosen_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from invocations.sessions.session import Session, SessionLine
    from invocations.storing.base import LineInfo, SessionInfo

    from .call import Call

Row = tuple[str, str, str]


UNFINISHED, INTERRUPTED = "unfinished", "interrupted"
MAX_ENTRIES = 1000  # if a session has more log entries than this, only its latest lines are listed
MAX_LINES = 100


def run(call: Call) -> Answer:
    """Show the named session or, without a name, the current or latest one."""
    session_id = chosen_id(call.shell, *call.values)
    invoker = call.shell.workspace.invoker
    if call.shell.command_line.format != "json" and not call.flag("all"):
        info = invoker.sessions(SessionFilter(session=session_id))[0]
        if info.entries > MAX_ENTRIES:
            return _summary(info, invoker.lines(SessionFilter(session=session_id, limit=MAX_LINES)))
    session = invoker.open(session_id)
    rows = tuple(row for node in session.graph.nodes for row in _rows(session, node))
    tables = [*_lines(session.lines), *([Table(("node", "", ""), rows)] if rows else [])]
    return Answer("session/1", _data(session), tuple(tables), _began(session_id, session.created))


def _lines(lines: Sequence[LineInfo | SessionLine]) -> list[Table]:
    rows = tuple((str(line.number), line.text.strip(), how(line.outcome, line.seconds)) for line in lines)
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


def how(outcome: str, seconds: float) -> str:
    """Return how a line ended and how long it took, or `unfinished` if its process ended while it was running."""
    return f"{shown(outcome)} {duration(seconds)}" if outcome else UNFINISHED


def shown(outcome: str) -> str:
    """Return the outcome of a line as listings show it."""
    return {"": UNFINISHED, CANCELLED: INTERRUPTED}.get(outcome, outcome)


def _rows(session: Session, node: str) -> list[Row]:
    type_ = session.graph.nodes[node].type
    rows: list[Row] = []
    for path in session.paths(node):
        shown = node if not path else f"{node}[{','.join(map(str, path))}]"
        if (outputs := session.results.get((node, path))) is not None:
            lacking = missing(session.graph, session.expansion, (node, path))
            rows.append((shown, type_, _outputs(outputs) + (f", {items_missing(lacking)}" if lacking else "")))
        elif (error := session.errors.get((node, path))) is not None:
            rows.append((shown, type_, f"failed: {error.message}"))
        else:
            rows.append((shown, type_, session.skipped.get((node, path), "not run")))
    return rows or [(node, type_, "not run")]


def _outputs(outputs: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in outputs.items())


def _short(value: object) -> str:
    if isinstance(value, ImageRef):
        return value.path or f"{value.width}x{value.height}"
    if isinstance(value, Ref):
        return value.name[:12]
    text = str(to_json(value))
    return text if len(text) <= 60 else text[:59] + "…"


def _data(session: Session) -> dict[str, Any]:
    results = [
        {"node": node, "path": list(path), "outputs": to_json(dict(outputs))}
        for (node, path), outputs in session.results.items()
    ]
    return {
        "id": session.id,
        "created": session.created,
        "lines": [
            {"number": ln.number, "line": ln.text, "source": ln.source, "seconds": ln.seconds, "outcome": ln.outcome}
            for ln in session.lines
        ],
        "graph": session.graph.to_json(),
        "results": results,
        "errors": [{"node": node, "path": list(path), **e.to_json()} for (node, path), e in session.errors.items()],
    }
