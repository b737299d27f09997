"""Run the ready nodes of a session one after another and yield events, synchronously and without starting a thread.

`schedule` knows which node is next, `lookup` whether its result is cached, `attempt` how to compute it. This module
records what happens, and turns it into events.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from invocations.cache.base import CachedResult
from invocations.errors import Cancelled
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

from .attempt import Attempt, Where
from .base import Job
from .lookup import CacheLookup
from .meter import NOTHING
from .schedule import Schedule


def execute(job: Job, emit: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> Iterator[Event]:
    """Run a job; events from inside a running node go to `emit`, all others are yielded. Raises: SessionBusy."""
    session = job.session
    if not session.running.acquire(blocking=False):
        raise session.busy()
    try:
        yield from _Execution(job, emit, is_cancelled).events()
    finally:
        session.running.release()


class _Execution:
    """A job while it is running."""

    def __init__(self, job: Job, emit: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> None:
        self.job = job
        self.session = job.session
        self._emit = emit
        self.is_cancelled = is_cancelled
        self.schedule = Schedule(job)
        self.lookup = CacheLookup(job)
        self.attempt = Attempt(job, emit=self.emit, record=self.record, is_cancelled=is_cancelled)
        self.failed: list[str] = []
        self.blocked: list[str] = []
        self.grown = job.sweeps is not None  # whether a sweep may have become larger than allowed
        self.too_many = 0  # the number of items of a sweep that is larger than allowed
        self.ends = self.stopped = False  # whether `Job.until` ended the run, and whether nodes were still ready then

    def events(self) -> Iterator[Event]:
        started = time.perf_counter()
        schedule, max_nodes = self.schedule, self.job.max_nodes
        schedule.begin()
        done = 0
        while True:
            yield from self.settle(schedule.advance())
            if self.grown and self.is_too_large():
                break
            if self.is_cancelled() or (max_nodes is not None and done >= max_nodes):
                break
            step = schedule.take()
            self.stopped = self.ends and step is not None
            if step is None or self.ends:
                break
            if schedule.is_current(step):  # skip a run that a newer line has prepared again
                try:
                    yield from self.run_node(step)
                except Cancelled:
                    break
                done += 1
        yield self.end(time.perf_counter() - started)

    def settle(self, steps: list[NodeStep]) -> list[Event]:
        """Enqueue the nodes that can run; for the others, record the outcome and return the events.

        `iterate`, `collect` and `if` nodes have outputs without running; other nodes are skipped, blocked or failed.
        """
        events: list[Event] = []
        entries: list[NodeFinished | NodeSkipped | NodeFailed] = []
        for step in steps:
            if step.kind == "run":
                self.schedule.put(step)
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

    def is_too_large(self) -> bool:
        """Return True if a sweep turns out to be larger than allowed."""
        from .sweep_size import excess  # imported on demand: few lines have a sweep

        assert self.job.sweeps is not None
        self.grown, self.too_many = False, excess(self.job, self.job.sweeps)
        return self.too_many > 0

    def run_node(self, step: NodeStep) -> Iterator[Event]:
        """Run one node, or reuse its cached result."""
        _, id_, path, inputs = step
        spec = self.session.graph.node_type(id_).spec
        where = (self.session.id, id_, spec.type, path, time.time())
        yield self.started(where)
        started = time.perf_counter()
        # an image that was not read has no size; nodes with only plain values are not recorded, and use no files
        suspects = [
            each for each in inputs.values() if isinstance(each, (list, tuple)) or not getattr(each, "width", 1)
        ]
        if suspects and self.attempt.is_recorded(spec):
            from .rereading import with_files_read  # imported on demand, here and below: few lines have images

            read = with_files_read(spec, inputs, self.job.services)
            if isinstance(read, NodeError):
                yield self.failure(where, read, time.perf_counter() - started)
                return
            inputs = read
        key = self.lookup.key(id_, spec, inputs)
        found = self.lookup.find(id_, key)
        reused, used = found is not None, NOTHING
        if found is None:
            made = self.attempt.compute(step._replace(data=inputs), spec, where)
            if isinstance(made, NodeError):
                quick = made.code == QUARANTINED
                yield self.failure(where, made, 0.0 if quick else time.perf_counter() - started)
                return
            found, used = made
            if "loads" not in spec.roles or self.is_whole(found):
                self.lookup.keep(key, found)
        seconds = time.perf_counter() - started
        done = NodeFinished(
            *where[:4], time.time(), found.outputs, seconds, reused, found.facts, used.peak, used.grown, used.device
        )
        yield self.record(done)
        self.ends = self.ends or (self.job.until is not None and self.job.until(done))

    def is_whole(self, found: CachedResult) -> bool:
        """Return True if the content of all loaded files is known."""
        from .rereading import holds_unread

        return not any(map(holds_unread, found.outputs.values()))

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

    def end(self, seconds: float) -> Event:
        """Record how the lines ended, and return the last event of the run."""
        session, lines = self.session, self.job.lines
        failed = session.lines_of(self.failed + self.blocked)
        cancelled = self.is_cancelled() or self.stopped or self.too_many > 0
        left = session.lines_left() if cancelled else set()
        for number in lines:
            # A failed line that is cancelled during a retry stays failed, so that `retry` still finds it.
            had_failed = session.lines[number - 1].outcome == FAILED
            lasting = number in failed or (number in left and had_failed)
            outcome = FAILED if lasting else CANCELLED if number in left else "done"
            self.record(LineEnded(number, seconds / len(lines), outcome))
        where = (session.id, "", "", (), time.time())
        if cancelled:
            return SessionCancelled(*where, seconds=seconds, items=self.too_many)
        if self.failed or self.blocked:
            return SessionFailed(*where, seconds=seconds, failed=tuple(dict.fromkeys(self.failed)))
        return SessionFinished(*where, seconds=seconds)
