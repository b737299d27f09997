"""Events of runs with workers or batches: where nodes run, what they wait for, and what becomes of the workers.

They show the progress of a run and are never stored.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final

from invocations.events import Event, LogMessage, NodeRetried
from invocations.frozen import frozen

if TYPE_CHECKING:
    from invocations.running.attempt import Where

    from .reports import WorkerExcluded

STARTING: Final = "starting"
IMPORTING: Final = "importing"
READY: Final = "ready"
LOST: Final = "lost"  # it ended; it is started again unless it is excluded
EXCLUDED: Final = "excluded"


@frozen
class NodeAssigned(Event):
    """A worker has begun to run a node; `worker` is "" for this process. batch: how many nodes it runs at once"""

    event: ClassVar[str] = "node_assigned"

    worker: str = ""
    device: str = ""
    batch: int = 1


@frozen
class NodeWaiting(Event):
    """A node waits before it runs; `reason` says for what."""

    event: ClassVar[str] = "node_waiting"

    reason: str


@frozen
class WorkerChanged(Event):
    """A worker is "starting", "ready" for a node, "lost", or "excluded": it gets no more nodes in this run.

    While it runs a node, it may be "importing" a `library`, which is "" once it has been imported.
    """

    event: ClassVar[str] = "worker_changed"

    worker: str
    state: str
    device: str = ""
    library: str = ""


def assigned(where: Where, worker: str = "", device: str = "", batch: int = 1) -> NodeAssigned:
    """Return the event for a node that begins to run now."""
    return NodeAssigned(*now(where), worker, device, batch)


def changed(session_id: str, worker: str, state: str, device: str = "", library: str = "") -> WorkerChanged:
    """Return the event for a worker that is in a new state now."""
    return WorkerChanged(session_id, "", "", (), time.time(), worker, state, device, library)


def retried(where: Where, title: str, why: str) -> NodeRetried:
    """Return the event for a node that runs again because its worker, called `title`, has ended; `why` says how."""
    return NodeRetried(*now(where), reason=f"{title} crashed ({why}): running the node again")


def excluded(where: Where, title: str, report: WorkerExcluded, *, is_last: bool) -> LogMessage:
    """Return the message that a worker, called `title`, gets no more nodes; `is_last`: there is no other worker."""
    message = f"{title} is no longer used: {report.why}"
    if is_last:
        message += "; the remaining nodes run in this process"
    return LogMessage(*now(where), message=message, note=not report.is_expected)


def now(where: Where) -> Where:
    """Return the place of an event that happens now."""
    return (*where[:4], time.time())
