"""Everything that is known about a session, as rows and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from invocations.graph.holes import missing
from invocations.sessions.journal import CANCELLED
from invocations.values import ImageRef, Ref, to_json

from .charts.chart import items_missing
from .shown_text import duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from invocations.sessions.session import Session, SessionLine
    from invocations.storing.base import LineInfo

Row = tuple[str, str, str]
UNFINISHED: Final = "unfinished"
INTERRUPTED: Final = "interrupted"
MAX_CHARS: Final = 60  # maximum length of a shown value
DIGEST_CHARS: Final = 12  # how many characters of a hash are shown


def line_rows(lines: Sequence[LineInfo | SessionLine]) -> tuple[Row, ...]:
    """Return the number and the text of each line, and how it ended."""
    return tuple((str(line.number), line.text.strip(), how(line.outcome, line.seconds)) for line in lines)


def node_rows(session: Session) -> tuple[Row, ...]:
    """Return each run of a node, the command of the node, and the results or why there are none."""
    return tuple(row for node in session.graph.nodes for row in _rows(session, node))


def session_data(session: Session) -> dict[str, Any]:
    """Return a session as JSON data."""
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
        run = node if not path else f"{node}[{','.join(map(str, path))}]"
        if (outputs := session.results.get((node, path))) is not None:
            lacking = missing(session.graph, session.expansion, (node, path))
            rows.append((run, type_, _outputs(outputs) + (f", {items_missing(lacking)}" if lacking else "")))
        elif (error := session.errors.get((node, path))) is not None:
            rows.append((run, type_, f"failed: {error.message}"))
        else:
            rows.append((run, type_, session.skipped.get((node, path), "not run")))
    return rows or [(node, type_, "not run")]


def _outputs(outputs: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_short(value)}" for name, value in outputs.items())


def _short(value: object) -> str:
    if isinstance(value, ImageRef):
        return value.path or f"{value.width}x{value.height}"
    if isinstance(value, Ref):
        return value.name[:DIGEST_CHARS]
    text = str(to_json(value))
    return text if len(text) <= MAX_CHARS else text[: MAX_CHARS - 1] + "…"
