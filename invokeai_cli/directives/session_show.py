"""`session show [ID]`: show a session's lines, nodes and results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.values import ImageRef, Ref, to_json
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.render.text import local_time
from workflows.charts.duration import duration

from .filters import chosen_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from invocations.sessions.session import Session

    from .call import Call

Row = tuple[str, str, str]


def run(call: Call) -> Answer:
    """Show the named, the current or the latest session."""
    session = chosen_session(call.shell, *call.values)
    lines = tuple((str(line.number), line.text.strip(), how(line.outcome, line.seconds)) for line in session.lines)
    tables = [Table(("line", "", ""), lines)] if lines else []
    rows = tuple(row for node in session.graph.nodes for row in _rows(session, node))
    tables += [Table(("node", "", ""), rows)] if rows else []
    return Answer(
        "session/1", _data(session), tuple(tables), f"session {session.id}, started {local_time(session.created)}"
    )


def how(outcome: str, seconds: float) -> str:
    """Return how a line ended and how long it took."""
    return f"{outcome or 'not run'} {duration(seconds)}"


def _rows(session: Session, node: str) -> list[Row]:
    type_ = session.graph.nodes[node].type
    rows: list[Row] = []
    for path in session.paths(node):
        shown = node if not path else f"{node}[{','.join(map(str, path))}]"
        if (outputs := session.results.get((node, path))) is not None:
            rows.append((shown, type_, _outputs(outputs)))
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
