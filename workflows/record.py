"""What goes through a pipe: a JSON object on each line, one for each result, or the status of whoever failed.

A result is handed over by reference: the line names the session, the node and the iteration; the store that both
processes share has the rest. `values` and `paths` are there for other readers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen
from invocations.values import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.events import NodeFinished

SCHEMA: Final = "piped/1"


@frozen
class PipedRecord:
    """One result of another process: where it is kept, and what it is the result of."""

    store: str
    session: str
    node: str
    path: tuple[int, ...]
    output: str


def record_of(event: NodeFinished, output: str, *, store: str, paths: Sequence[str]) -> dict[str, Any]:
    """Return what is written of a node's result."""
    data: dict[str, Any] = {"schema": SCHEMA, "session": event.session_id, "node": event.node_id}
    data |= {"type": event.node_type, "output": output, "path": list(event.path)}
    data["values"] = to_json(dict(event.outputs))
    return data | ({"paths": list(paths)} if paths else {}) | {"store": store}


def ended_of(status: int) -> dict[str, Any]:
    """Return what is written when a process fails, or has no result to give."""
    return {"schema": SCHEMA, "status": status}


def read_record(data: Mapping[str, Any]) -> PipedRecord | int:
    """Return the record of a JSON object, or the status of whoever wrote it. Raises: ValueError, if it is none."""
    status = data.get("status")
    if isinstance(status, int):
        return status
    path = data.get("path", [])
    if not isinstance(path, list) or not all(isinstance(each, int) for each in path):
        raise ValueError("`path` is no list of numbers")
    named = {name: data.get(name) for name in ("store", "session", "node", "output")}
    for name, text in named.items():
        if not isinstance(text, str) or not text:
            raise ValueError(f"`{name}` is missing")
    return PipedRecord(**named, path=tuple(path))  # type: ignore[arg-type]
