"""Run one item of the queue through the invoker, and find out how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from invocations.errors import InvocationError
from invocations.events import (
    Event,
    NodeError,
    NodeFailed,
    NodeFinished,
    SessionCancelled,
    SessionFailed,
    SessionFinished,
)
from invocations.frozen import mutable
from invocations.invoker import Invoker
from invocations.running.base import Run, SweepLimit
from invocations.sessions.journal import QUARANTINED
from invocations.sessions.session import Session

from .base import ALL, CANCELLED, DONE, FAILED, NEXT, RETRY, SET_ASIDE, QueueItem
from .content import asked_nodes, nodes_of

COMPUTED: Final = ("iterate", "collect", "if")  # roles of nodes that the graph computes by itself


def start(invoker: Invoker, item: QueueItem, how: Mapping[str, Any]) -> Run | None:
    """Return the run of a claimed item, or None if an earlier run of it has done everything.

    how: `services` and the like, see `Invoker.run`
    Raises: SessionMissing, SessionDamaged, SessionBusy, GraphError, StoreFailed.
    """
    invoker.trust(item.session)  # only items of trusted sessions are added
    invoker.catch_up(item.session)
    session = invoker.open(item.session)
    if item.what == NEXT:
        is_over = item.claim.seen > item.claim.base and _has_run(session, item.claim.base)
        return None if is_over else invoker.step(session.id, reuse=item.reuse, **how)
    nodes = nodes_of(item, session)
    if item.what == RETRY:
        return invoker.retry(session.id, reuse=item.reuse, more=nodes, retry_quarantined=True, **how)
    sweeps = SweepLimit(item.sweeps, item.most_items) if item.most_items else None
    only: list[str] | None = nodes
    if item.what == ALL:
        unended = {line.number for line in session.open_lines}
        only = None if session.lines_of(nodes) <= unended else nodes
    return invoker.run(
        session.id, reuse=item.reuse, recompute=item.recompute, only=only, again=True, sweeps=sweeps, **how
    )


def _has_run(session: Session, base: int) -> bool:
    """Return True if a node that takes work has ended since the log had this many entries."""
    return any(
        isinstance(entry, (NodeFinished, NodeFailed))
        and session.graph.node_type(entry.node_id).spec.role not in COMPUTED
        for entry in session.log[base:]
    )


@mutable
class ItemOutcome:
    """How the run of an item ends, as far as its events have told."""

    state: str = DONE
    error: NodeError | None = None

    def count(self, event: Event) -> None:
        """Learn from an event."""
        if isinstance(event, NodeFailed):
            if self.error is None or event.error.code == QUARANTINED:
                self.error = event.error
        elif isinstance(event, SessionFinished):
            self.state = DONE
        elif isinstance(event, SessionFailed):
            self.state = SET_ASIDE if self.error is not None and self.error.code == QUARANTINED else FAILED
        elif isinstance(event, SessionCancelled):
            self.state = CANCELLED
            if event.items:
                self.state, self.error = FAILED, too_large(event.items)

    def settle(self, session: Session, item: QueueItem) -> None:
        """Correct the outcome after the run, by what the session says about the item's nodes."""
        nodes = asked_nodes(item, session)
        expansion = session.expansion
        failed = not expansion.stuck.isdisjoint(nodes)
        if self.state == CANCELLED and item.what != NEXT and all(map(expansion.is_closed, nodes)):
            self.state = FAILED if failed else DONE  # it was cancelled after its last node had ended
        if self.state == FAILED and self.error is None:  # its nodes failed in an earlier run
            known = {id_: error for (id_, _), error in session.errors.items()}
            own = (known[id_] for id_ in nodes if id_ in known)
            self.error = next(own, None) or next(iter(known.values()), None)


def too_large(items: int) -> NodeError:
    """Return the error for a sweep with too many items."""
    hint = f"use fewer values, or allow {items} items"
    return NodeError("SweepTooLarge", f"the sweep has {items} items", "sweep_too_large", hint)


def error_of(error: BaseException) -> NodeError:
    """Return the error that ended a run before its nodes could."""
    if isinstance(error, InvocationError):
        return NodeError(type(error).__name__, error.message, error.code, error.hint)
    return NodeError(type(error).__name__, f"{type(error).__name__}: {error}", "unexpected", "this is a bug: report it")
