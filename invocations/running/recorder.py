"""Record what becomes of the steps of a run in the session and its store, and return it as events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from invocations.cache.base import CachedResult
from invocations.events import (
    Event,
    LogMessage,
    NodeError,
    NodeFailed,
    NodeFinished,
    NodeSkipped,
    NodeStarted,
    SessionCancelled,
    SessionFailed,
    SessionFinished,
)
from invocations.graph.expand import NOT_CHOSEN, NodeStep
from invocations.sessions.journal import CANCELLED, FAILED, QUARANTINED
from invocations.sessions.session import LineEnded

from .attempt import Ready, Where
from .base import Job
from .inline import Made
from .lookup import CacheLookup
from .meter import Used

if TYPE_CHECKING:
    from .workers.task_state import Workplace


SETTLED: Final = 1000  # how many steps are recorded at once


class Recorder:
    """The record of one run; `emit` receives the events of running nodes."""

    def __init__(self, job: Job, lookup: CacheLookup, emit: Callable[[Event], None]) -> None:
        self.job = job
        self.session = job.session
        self.lookup = lookup
        self._emit = emit
        self.failed: list[str] = []
        self.blocked: list[str] = []
        self.ends = False  # whether `Job.until` ended the run
        self.grown = job.sweeps is not None  # whether a sweep may have become larger than allowed

    def settle(
        self, steps: list[NodeStep], put: Callable[[NodeStep], None], is_cancelled: Callable[[], bool]
    ) -> Iterable[Event]:
        """Pass on the nodes that can run; for the others, record the outcome and return the events.

        `iterate`, `collect` and `if` nodes have outputs without running; other nodes are skipped, blocked or failed. If
        the run is cancelled, only the first of many steps are recorded; the next run determines the others again.
        """
        if len(steps) > SETTLED:
            return self._settle_in_parts(steps, put, is_cancelled)
        events: list[Event] = []
        entries: list[NodeFinished | NodeSkipped | NodeFailed] = []
        for step in steps:
            if step.kind == "run":
                put(step)
                continue
            where = self.where(step)
            if step.kind == "given":
                self.grown = self.grown or (self.job.sweeps is not None and step.path[-1:] == (0,))
                events.append(self.started(where))
                entries.append(NodeFinished(*where, outputs=step.data, seconds=0.0, reused=False, facts={}))
            elif step.kind == "skipped":
                entries.append(NodeSkipped(*where, reason=NOT_CHOSEN))
            elif step.kind == "failed":
                error = NodeError("BadValue", f"iterate takes a list, not {step.data!r}", "bad_value")
                self.failed.append(step.node_id)
                entries.append(NodeFailed(*where, error=error, seconds=0.0))
            else:
                self.blocked.append(step.node_id)
                events.append(NodeSkipped(*where, reason=f"it needs `{step.data}`, which failed or did not run"))
                continue
            events.append(entries[-1])
        if entries:
            self.job.store.append(self.session.id, *entries)
            for entry in entries:
                self.session.apply(entry)
        return events

    def _settle_in_parts(
        self, steps: list[NodeStep], put: Callable[[NodeStep], None], is_cancelled: Callable[[], bool]
    ) -> Iterator[Event]:
        for place in range(0, len(steps), SETTLED):
            if place and is_cancelled():
                self._drop(steps[place:])
                return
            yield from self.settle(steps[place : place + SETTLED], put, is_cancelled)

    def _drop(self, steps: list[NodeStep]) -> None:
        """Leave steps to the next run; those that can run are pending until then."""
        keys = [(step.node_id, step.path) for step in steps if step.kind != "run"]
        with self.session.lock:
            self.session.expansion.forget({id_ for id_, _ in keys}, keys)

    def commit(self, ready: Ready, made: Made, place: Workplace | None = None) -> NodeFinished | NodeFailed:
        """Record the result of a step, or that it failed, and return the event."""
        if isinstance(made, NodeError):
            quick = made.code == QUARANTINED
            seconds = place.seconds if place is not None else time.perf_counter() - ready.started
            return self.failure(ready.where, made, 0.0 if quick else seconds)
        found, used = made
        if "loads" not in ready.spec.roles or _is_whole(found):
            self.lookup.keep(ready.key, found)
        return self.finish(ready, found, used, place)

    def finish(
        self, ready: Ready, found: CachedResult, used: Used, place: Workplace | None = None, *, reused: bool = False
    ) -> NodeFinished:
        """Record that a step has a result, and return the event."""
        where = ready.where
        if place is None:
            seconds, at = time.perf_counter() - ready.started, ("", "", 0.0)
        else:
            seconds, at = place.seconds, (place.worker, place.device, place.queue_seconds)
        done = NodeFinished(
            *where[:4], time.time(), found.outputs, seconds, reused, found.facts, used.peak, used.grown, used.device,
            *at, used.load_seconds, used.batch,
        )  # fmt: skip
        self.record(done)
        self.ends = self.ends or (self.job.until is not None and self.job.until(done))
        return done

    def failure(self, where: Where, error: NodeError, seconds: float) -> NodeFailed:
        """Record that a node failed, and return the event."""
        self.failed.append(where[1])
        event = NodeFailed(*where[:4], time.time(), error, seconds)
        self.record(event)
        return event

    def emit(self, event: Event) -> None:
        """Emit an event of the running node; if it is a log message, also record it in the session."""
        if isinstance(event, LogMessage):
            self.record(event)
        self._emit(event)

    def record(self, entry: Any) -> Any:
        """Write an entry to the store and apply it to the session."""
        self.job.store.append(self.session.id, entry)
        self.session.apply(entry)
        return entry

    def started(self, where: Where) -> NodeStarted:
        """Return the event for the start of a node."""
        if not where[3]:
            return NodeStarted(*where)
        with self.session.lock:
            runs = self.session.expansion.runs
            return NodeStarted(*where, *runs.iteration(where[1], where[3]), runs.ended(where[1]))

    def where(self, step: NodeStep) -> Where:
        kind = self.session.graph.nodes[step.node_id].type
        return self.session.id, step.node_id, kind, step.path, time.time()

    def end(self, seconds: float, *, cancelled: bool, too_many: int) -> Event:
        """Record how the lines ended, and return the last event of the run.

        too_many: the number of items of a sweep that was too large to run, or 0
        """
        session, lines = self.session, self.job.lines
        # An earlier run may have ended with its process, after nodes of these lines had failed.
        stuck = session.expansion.stuck if self.job.only is None else session.expansion.stuck & set(self.job.only)
        failed = session.lines_of({*self.failed, *self.blocked, *session.expansion.stuck})
        left = session.lines_left() if cancelled else set()
        for number in lines:
            # A failed line that is cancelled during a retry stays failed, so that `retry` still finds it.
            had_failed = session.lines[number - 1].outcome == FAILED
            lasting = number in failed or (number in left and had_failed)
            outcome = FAILED if lasting else CANCELLED if number in left else "done"
            self.record(LineEnded(number, seconds / len(lines), outcome))
        where = (session.id, "", "", (), time.time())
        if cancelled:
            return SessionCancelled(*where, seconds=seconds, items=too_many)
        if self.failed or self.blocked:
            return SessionFailed(*where, seconds=seconds, failed=tuple(dict.fromkeys(self.failed)))
        if not session.lines_of(stuck).isdisjoint(lines):
            earlier = tuple(dict.fromkeys([id_ for id_, _ in session.errors if id_ in stuck]))
            return SessionFailed(*where, seconds=seconds, failed=earlier)
        return SessionFinished(*where, seconds=seconds)


def _is_whole(found: CachedResult) -> bool:
    """Return True if the content of all loaded files is known."""
    from .rereading import holds_unread  # imported on demand: few nodes load files

    return not any(map(holds_unread, found.outputs.values()))
