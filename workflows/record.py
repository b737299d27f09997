"""The JSON records that one process of a shell pipe writes for the next, one per line.

A record stands for one result, or for the exit status of a process that failed. A result is passed by reference: both
processes share a store, and the record names the session, the node and the iteration there. Its `values` and `paths`
are for other programs that read the pipe.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from invocations.frozen import frozen
from invocations.values import to_json

from .problems import ApplicationError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.events import NodeFinished

SCHEMA: Final = "piped/1"
ENDED: Final = f'{{"schema": "{SCHEMA}", "status": '  # how the record of a failed process begins
MAX_ENDED_CHARS: Final = 64


class BadStream(ApplicationError):
    """Standard input is not a stream of results; `number` is the number of the offending line, counted from 1."""

    code = "bad_stream"

    def __init__(self, number: int, message: str, hint: str) -> None:
        super().__init__(f"standard input, line {number}: {message}", hint)
        self.number = number


@frozen
class PipedRecord:
    """A reference to a result of another process.

    store: the data folder that holds the session
    path: the iteration of the node, one index for each loop around it
    """

    store: str
    session: str
    node: str
    path: tuple[int, ...]
    output: str


def record_of(event: NodeFinished, output: str, *, store: str, paths: Sequence[str]) -> dict[str, Any]:
    """Return the JSON record of a result; `paths` are the image files it consists of, if any."""
    data: dict[str, Any] = {"schema": SCHEMA, "session": event.session_id, "node": event.node_id}
    data |= {"type": event.node_type, "output": output, "path": list(event.path)}
    data["values"] = to_json(dict(event.outputs))
    return data | ({"paths": list(paths)} if paths else {}) | {"store": store}


def ended_of(status: int) -> dict[str, Any]:
    """Return the JSON record of a process that ended without a result, with its exit status."""
    return {"schema": SCHEMA, "status": status}


def status_of(text: str) -> int | None:
    """Return the exit status if text consists of the record of a failed process, else None."""
    text = text.strip()
    if not (text.startswith(ENDED) and text.endswith("}")) or len(text) > MAX_ENDED_CHARS:
        return None
    status = text[len(ENDED) : -1]
    return int(status) if status.isascii() and status.isdigit() else None


def read_record(data: Mapping[str, Any]) -> PipedRecord | int:
    """Return the result that a JSON record refers to, or the exit status that it carries.

    Raises: ValueError, if the record is incomplete.
    """
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
