"""Run the ready nodes of a session one after another and yield events, synchronously and without starting a thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.cache.keys import CacheKey
from invocations.errors import Cancelled
from invocations.events import (
    Event,
    LogMessage,
    NodeError,
    NodeFailed,
    NodeFinished,
    NodeRetried,
    NodeSkipped,
    NodeStarted,
    Path,
    SessionCancelled,
    SessionFailed,
    SessionFinished,
)
from invocations.graph.expand import NOT_CHOSEN, NodeStep
from invocations.graph.order import ReadyQueue
from invocations.sessions.journal import CANCELLED, FAILED, Began
from invocations.sessions.session import Claimed, LineEnded
from invocations.spec import InvocationSpec
from invocations.values import ModelRef

from .base import Job
from .context import SLICED, LocalContext, invoke_node
from .deaths import MAX_DEATHS, boot_id, quarantine
from .failures import Died, describe, ran_out_of_memory
from .meter import NOTHING, Meter, Used

if TYPE_CHECKING:
    from invocations.invocation import Invocation

    from .alone import Alone

Where = tuple[str, str, str, Path, float]  # session id, node id, node type, iteration path, time
NO_MEMORY = "out of memory: unloading models and running the node again, in slices if possible"
MAX_CRASHES = 2  # number of crashes of the process after which a node is quarantined


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
        self.queue: ReadyQueue[NodeStep] = ReadyQueue()
        self.classes: dict[str, type[Invocation]] = {}
        self.recorded: dict[str, bool] = {}
        self.failed: list[str] = []
        self.blocked: list[str] = []
        self.ends = self.stopped = False  # whether `Job.until` ended the run, and whether nodes were still ready then

    def events(self) -> Iterator[Event]:
        started = time.perf_counter()
        session, max_nodes = self.session, self.job.max_nodes
        with session.lock:
            session.expansion.begin()
            allowed = self.job.only
            for (id_, path), inputs in session.expansion.pending.items():
                if session.graph.rank(id_) < self.job.limit and (allowed is None or id_ in allowed):
                    self.enqueue(NodeStep("run", id_, path, inputs))
        done = 0
        while True:
            with session.lock:
                steps = session.expansion.advance(self.job.limit, self.job.only, idle=not self.queue)
            yield from self.settle(steps)
            if self.is_cancelled() or (max_nodes is not None and done >= max_nodes):
                break
            step = self.queue.take()
            self.stopped = self.ends and step is not None
            if step is None or self.ends:
                break
            if session.expansion.pending.get(step[1:3]) is step.data:  # otherwise a newer line queues it again
                try:
                    yield from self.run_node(step)
                except Cancelled:
                    break
                done += 1
        yield self.end(time.perf_counter() - started)

    def enqueue(self, step: NodeStep) -> None:
        """Enqueue a ready node next to other nodes of the same type and model."""
        spec = self.session.graph.node_type(step.node_id).spec
        model = step.data.get(spec.model_bound) if spec.model_bound else None
        self.queue.put((spec.type, model.name if isinstance(model, ModelRef) else str(model or "")), step)

    def settle(self, steps: list[NodeStep]) -> list[Event]:
        """Enqueue the nodes that can run; for the others, record the outcome and return the events.

        `iterate`, `collect` and `if` nodes have outputs without running; other nodes are skipped, blocked or failed.
        """
        events: list[Event] = []
        entries: list[NodeFinished | NodeSkipped | NodeFailed] = []
        for step in steps:
            if step.kind == "run":
                self.enqueue(step)
                continue
            where = self.where(step)
            if step.kind == "given":
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

    def run_node(self, step: NodeStep) -> Iterator[Event]:
        """Run one node, or reuse its cached result."""
        session = self.session
        _, id_, path, inputs = step
        spec = session.graph.node_type(id_).spec
        where = (session.id, id_, spec.type, path, time.time())
        yield self.started(where)
        started = time.perf_counter()
        cache = self.job.cache
        key = self.key(id_, spec, inputs) if cache is not None else None
        found = None
        if cache is not None and key is not None and id_ not in self.job.recompute:
            found = cache.get(key)
        reused, used = found is not None, NOTHING
        if found is None:
            made = yield from self.compute(step, spec, where, started)
            if made is None:
                return
            found, used = made
            if cache is not None and key is not None and SLICED not in found.facts:
                cache.put(key, found)
        seconds = time.perf_counter() - started
        done = NodeFinished(
            *where[:4], time.time(), found.outputs, seconds, reused, found.facts, used.peak, used.grown, used.device
        )
        yield self.record(done)
        self.ends = self.ends or (self.job.until is not None and self.job.until(done))

    def compute(
        self, step: NodeStep, spec: InvocationSpec, where: Where, started: float
    ) -> Generator[Event, None, tuple[CachedResult, Used] | None]:
        """Run a node and return its result and the memory it used, or None if it failed or is quarantined."""
        _, id_, path, inputs = step
        deaths = self.session.deaths((id_, path), boot_id())
        if (id_, path) in self.session.quarantined or (self.job.alone is None and deaths > MAX_DEATHS):
            yield self.failure(where, quarantine(), 0.0)
            return None
        meter = None
        if self.is_recorded(spec):
            self.record(Began(id_, spec.type, path, where[4], boot_id()))
            meter = Meter()
        try:
            if self.job.alone is not None and deaths >= MAX_DEATHS:
                found = self.run_alone(step, self.job.alone())
            else:
                found = yield from self.attempt(step, where)
        except Cancelled:
            raise
        except Died as died:
            yield self.failure(where, quarantine(str(died)), 0.0)
            return None
        except Exception as error:  # a node may come from a plug-in, so any exception counts as a failure of the node
            yield self.failure(where, describe(error, inputs), time.perf_counter() - started)
            return None
        return found, NOTHING if meter is None else meter.read()

    def failure(self, where: Where, error: NodeError, seconds: float) -> NodeFailed:
        """Record that a node failed, and return the event."""
        self.failed.append(where[1])
        event = NodeFailed(*where[:4], time.time(), error, seconds)
        self.record(event)
        return event

    def key(self, id_: str, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        """Return the cache key of a node; reuse a known key if it was computed from the same inputs."""
        known = self.job.keys.get(id_)
        if known is not None and known[0] == inputs:
            return known[1]
        return self.job.cache.sign(spec, inputs) if self.job.cache is not None else None

    def is_recorded(self, spec: InvocationSpec) -> bool:
        """Return True if the start of this node must be recorded, so that `Session.deaths` can count its crashes.

        Built-in nodes on plain values cannot crash the process, and recording the start costs as much as running them.
        """
        known = self.recorded.get(spec.type)
        if known is None:
            types = [field.type for field in spec.inputs] + [field.type for field in spec.outputs]
            known = spec.origin != "built in" or any(kind.is_reference for kind in types)
            self.recorded[spec.type] = known
        return known

    def attempt(self, step: NodeStep, where: Where) -> Generator[Event, None, CachedResult]:
        """Run a node; if memory runs out, unload all models and run it again in slices.

        A sliced result may differ in the last bits. The session records it with a fact that marks it, but it is not
        cached, so that the same line returns the usual image when there is more memory. Nodes that use the sliced
        result are cached as usual, by the content of their inputs.
        """
        _, id_, path, inputs = step
        try:
            return self.invoke(id_, where[2], path, inputs)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # The memory that the error and its frames hold is only released after the except block.
        self.job.services.free()
        yield NodeRetried(*where[:4], time.time(), reason=NO_MEMORY)
        return self.invoke(id_, where[2], path, inputs, low_memory=True)

    def invoke(
        self, id_: str, kind: str, path: Path, inputs: Mapping[str, Any], *, low_memory: bool = False
    ) -> CachedResult:
        """Create the node and invoke it."""
        context = LocalContext(
            self.session, id_, kind, path, services=self.job.services, emit=self.emit, is_cancelled=self.is_cancelled,
            claim=lambda target: self.record(Claimed(id_, path, target)), low_memory=low_memory,
        )  # fmt: skip
        spec = self.session.graph.node_type(id_).spec
        return invoke_node(spec, inputs, context, catalog=self.job.catalog, classes=self.classes)

    def run_alone(self, step: NodeStep, alone: Alone) -> CachedResult:
        """Run a node in a separate process, because it may have crashed the program twice."""
        _, id_, path, _ = step
        return alone.run(
            self.session.id, id_, path, emit=self.emit, is_cancelled=self.is_cancelled,
            claim=lambda target: self.record(Claimed(id_, path, target)),
        )  # fmt: skip

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
            return NodeStarted(*where, *self.session.expansion.iteration(where[1], where[3]))

    def where(self, step: NodeStep) -> Where:
        kind = self.session.graph.nodes[step.node_id].type
        return self.session.id, step.node_id, kind, step.path, time.time()

    def end(self, seconds: float) -> Event:
        """Record how the lines ended, and return the last event of the run."""
        session, lines = self.session, self.job.lines
        failed = session.lines_of(self.failed + self.blocked)
        cancelled = self.is_cancelled() or self.stopped
        left = session.lines_left() if cancelled else set()
        for number in lines:
            # A failed line that is cancelled during a retry stays failed, so that `retry` still finds it.
            had_failed = session.lines[number - 1].outcome == FAILED
            lasting = number in failed or (number in left and had_failed)
            outcome = FAILED if lasting else CANCELLED if number in left else "done"
            self.record(LineEnded(number, seconds / len(lines), outcome))
        where = (session.id, "", "", (), time.time())
        if cancelled:
            return SessionCancelled(*where, seconds=seconds)
        if self.failed or self.blocked:
            return SessionFailed(*where, seconds=seconds, failed=tuple(dict.fromkeys(self.failed)))
        return SessionFinished(*where, seconds=seconds)
