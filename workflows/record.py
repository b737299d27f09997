"""The records in a pipe: one JSON object per line, for each result, or with the status of a failed process.

A result is passed by reference: the record names the session, the node and the iteration in the store that both
processes share. `values` and `paths` are for other readers.
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
    """A result of another process: its store, session, node, iteration and output."""

    store: str
    session: str
    node: str
    path: tuple[int, ...]
    output: str


def record_of(event: NodeFinished, output: str, *, store: str, paths: Sequence[str]) -> dict[str, Any]:
    """Return the record of a node's result."""
    data: dict[str, Any] = {"schema": SCHEMA, "session": event.session_id, "node": event.node_id}
    data |= {"type": event.node_type, "output": output, "path": list(event.path)}
    data["values"] = to_json(dict(event.outputs))
    return data | ({"paths": list(paths)} if paths else {}) | {"store": store}


def ended_of(status: int) -> dict[str, Any]:
    """Return the record of a process that failed or has no result."""
    return {"schema": SCHEMA, "status": status}


def read_record(data: Mapping[str, Any]) -> PipedRecord | int:
    """Return the record or the exit status in a JSON object. Raises: ValueError, if it has neither."""
    status = data.get("status")
    if isinstance(status, int):
        return status
    path = data.get("path", [])
    if not isinstance(path, list) or not all(isinstance(each, int) for each in path):
        raise ValueError("`path` is not a list of numbers")
    named = {name: data.get(name) for name in ("store", "session", "node", "output")}
    for name, text in named.items():
        if not isinstance(text, str) or not text:
            raise ValueError(f"`{name}` is missing")
    return PipedRecord(**named, path=tuple(path))  # type: ignore[arg-type]
