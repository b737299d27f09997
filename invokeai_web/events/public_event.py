"""Events as JSON for clients: no paths of this machine, previews or tracebacks, and large integers as strings."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from invocations.events import (
    NodeError,
    NodeFailed,
    NodeFinished,
    NodeProgress,
    NodeSkipped,
    SessionCancelled,
    SessionFailed,
    SessionFinished,
)
from invocations.frozen import frozen
from invocations.values import Ref

if TYPE_CHECKING:
    from invocations.events import Event

LARGEST_EXACT: Final = 2**53 - 1  # JavaScript's numbers are exact up to here
WITH_PATHS: Final = frozenset({"path", "parts"})  # fields of references that contain paths
ENDS: Final = (SessionFinished, SessionFailed, SessionCancelled)
KEPT: Final = (NodeFinished, NodeFailed, NodeSkipped, *ENDS)  # what the journal of a session keeps

WithoutPaths = Callable[[str], str]  # replaces folders of this machine in a text
Key = tuple[str, tuple[int, ...]]  # a node and the index in each loop around it


@frozen
class PublicEvent:
    """An event on its way to clients.

    text: a JSON object, in ASCII. progress_of: the node whose progress it reports, otherwise None; a newer one replaces
    it. is_kept: whether the session's journal keeps what it reports. ends: whether it ends a run
    """

    text: str
    progress_of: Key | None = None
    is_kept: bool = True
    ends: bool = False

    @property
    def size(self) -> int:
        """The number of bytes, which limits are compared with."""
        return len(self.text)


def progress_of(event: Event) -> Key | None:
    """Return the node whose progress an event reports, or None if it reports something else."""
    return (event.node_id, event.path) if isinstance(event, NodeProgress) else None


def public_event(event: Event, without_paths: WithoutPaths = str) -> PublicEvent:
    """Return an event as clients receive it; `without_paths` is applied to its messages."""
    data: dict[str, Any] = {"event": event.event}
    for name in _names(type(event)):
        data[name] = public_value(getattr(event, name))
    for name in ("message", "reason"):
        if isinstance(data.get(name), str):
            data[name] = without_paths(data[name])
    if isinstance(event, NodeFailed):
        data["error"] = _public_error(event.error, without_paths)
    text = json.dumps(data, separators=(",", ":"))
    return PublicEvent(text, progress_of(event), isinstance(event, KEPT), isinstance(event, ENDS))


def public_value(value: Any) -> Any:
    """Return a value as JSON data without paths; numbers that JavaScript cannot read exactly become strings."""
    if isinstance(value, Ref):
        found: dict[str, Any] = {"kind": value.kind}
        for name in _names(type(value)):
            part = getattr(value, name)
            if part is not None and name not in WITH_PATHS:
                found[name] = public_value(part)
        return found
    if isinstance(value, (list, tuple)):
        return [public_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): public_value(item) for key, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, (str, bool)):
        return value
    return value if isinstance(value, int) and abs(value) <= LARGEST_EXACT else str(value)


def _public_error(error: NodeError, without_paths: WithoutPaths) -> dict[str, str]:
    """Return an error without its traceback and inputs."""
    message, hint = without_paths(error.message), without_paths(error.hint)
    return {"type": error.type, "message": message, "code": error.code, "hint": hint}


def _names(cls: type[Event] | type[Ref]) -> tuple[str, ...]:
    """Return the names of the fields that clients receive."""
    found = _NAMES.get(cls)
    if found is None:
        found = _NAMES[cls] = tuple(field.name for field in fields(cls) if field.name not in ("preview", "error"))
    return found


_NAMES: dict[Any, tuple[str, ...]] = {}
