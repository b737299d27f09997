"""Run what is ready in a session, one node after the other, and yield what happens. Synchronous; starts no thread."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.cache.keys import CacheKey
from invocations.errors import Cancelled, DeclarationError, SessionBusy
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
from invocations.sessions.journal import CANCELLED, FAILED
from invocations.sessions.session import QUARANTINED, Claimed, LineEnded
from invocations.spec import InvocationSpec
from invocations.values import ModelRef

from .base import Job
from .context import SLICED, LocalContext, at_work
from .failures import describe, ran_out_of_memory
from .meter import NOTHING, Meter
from .plain import plain_work

if TYPE_CHECKING:
    from invocations.invocation import Invocation


Where = tuple[str, str, str, Path, float]  # session, node, type, path, time
NO_MEMORY = "out of memory: models are unloaded and the node runs again, in smaller pieces if possible"
MAX_CRASHES = 2  # how many times a node may crash the process before it is quarantined


def execute(job: Job, tell: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> Iterator[Event]:
    """Run a job; what nodes say while they work goes straight to `tell`, the rest is yielded. Raises: SessionBusy."""
    session = job.session
    if not session.running.acquire(blocking=False):
        raise SessionBusy(session.id, f"session `{session.id}` is already running", "wait for that run, or cancel it")
    try:
        yield from _Execution(job, tell, is_cancelled).events()
    finally:
        session.running.release()


class _Execution:
    """One job at work."""

    def __init__(self, job: Job, tell: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> None:
        self.job = job
        self.session = job.session
        self.tell = tell
        self.is_cancelled = is_cancelled
        self.queue: ReadyQueue[NodeStep] = ReadyQueue()
        self.classes: dict[str, type[Invocation]] = {}
        self.recorded: dict[str, bool] = {}
        self.failed: list[str] = []
        self.blocked: list[str] = []

    def events(self) -> Iterator[Event]:
        started = time.perf_counter()
        session, most = self.session, self.job.most
        with session.lock:
            session.expansion.begin()
            allowed = self.job.only
            for (id_, path), inputs in session.expansion.pending.items():
                if session.graph.rank(id_) < self.job.limit and (allowed is None or id_ in allowed):
                    self.put(NodeStep("run", id_, path, inputs))
        done = 0
        while True:
            with session.lock:
                steps = session.expansion.advance(self.job.limit, self.job.only, idle=not self.queue)
            yield from self.note(steps)
            if self.is_cancelled() or (most is not None and done >= most):
                break
            work = self.queue.take()
            if work is None:
                break
            try:
                yield from self.work(work)
            except Cancelled:
                break
            done += 1
        yield self.end(time.perf_counter() - started)

    def put(self, step: NodeStep) -> None:
        """Enqueue a ready node under its (type, model) batch key."""
        spec = self.session.graph.node_type(step.node_id).spec
        model = step.data.get(spec.model_bound) if spec.model_bound else None
        self.queue.put((spec.type, model.name if isinstance(model, ModelRef) else str(model or "")), step)

    def note(self, steps: list[NodeStep]) -> list[Event]:
        """Put what may run among the ready ones; keep and return what the graph itself made of the rest, all at once.

        iterate, collect and `if` give their outputs without running; others are skipped, blocked or refused.
        """
        events: list[Event] = []
        kept: list[NodeFinished | NodeSkipped | NodeFailed] = []
        for step in steps:
            if step.kind == "run":
                self.put(step)
                continue
            where = self.where(step)
            if step.kind == "given":
                events.append(NodeStarted(*where))
                kept.append(NodeFinished(*where, outputs=step.data, seconds=0.0, reused=False, facts={}))
            elif step.kind == "skipped":
                kept.append(NodeSkipped(*where, reason=NOT_CHOSEN))
            elif step.kind == "failed":
                error = NodeError("BadValue", f"iterate takes a list, not {step.data!r}", "bad_value")
                self.failed.append(step.node_id)
                kept.append(NodeFailed(*where, error=error, seconds=0.0))
            else:
                self.blocked.append(step.node_id)
                events.append(NodeSkipped(*where, reason=f"it needs `{step.data}`, which failed or was not run"))
                continue
            events.append(kept[-1])
        if kept:
            self.job.store.append(self.session.id, *kept)
            for entry in kept:
                self.session.apply(entry)
        return events

    def work(self, step: NodeStep) -> Iterator[Event]:
        """Run one node, or take its result from an earlier run."""
        session = self.session
        _, id_, path, inputs = step
        spec = session.graph.node_type(id_).spec
        where = (session.id, id_, spec.type, path, time.time())
        yield NodeStarted(*where)
        started = time.perf_counter()
        cache = self.job.cache
        signature = self.key(id_, spec, inputs) if cache is not None else None
        found = None
        if cache is not None and signature is not None and id_ not in self.job.recompute:
            found = cache.get(signature)
        reused = found is not None
        used = NOTHING
        if found is None:
            if session.crashes((id_, path)) >= MAX_CRASHES:
                self.failed.append(id_)
                hint = "to try it again: `retry`, or run the script with --resume --only failed"
                error = NodeError("SetAside", "it crashed the program twice and is quarantined", QUARANTINED, hint)
                yield self.keep(NodeFailed(*where[:4], time.time(), error, 0.0))
                return
            meter = None
            if self.is_recorded(spec):
                self.keep(NodeStarted(*where))
                meter = Meter()
            try:
                found = yield from self.attempt(step, where)
            except Cancelled:
                raise
            except Exception as error:  # the border of foreign code: whatever a node raises is that node's failure
                seconds = time.perf_counter() - started
                self.failed.append(id_)
                yield self.keep(NodeFailed(*where[:4], time.time(), describe(error, inputs), seconds))
                return
            if cache is not None and signature is not None and SLICED not in found.facts:
                cache.put(signature, found)
            if meter is not None:
                used = meter.read()
        seconds = time.perf_counter() - started
        done = NodeFinished(
            *where[:4], time.time(), found.outputs, seconds, reused, found.facts, used.peak, used.grown, used.device
        )
        yield self.keep(done)

    def key(self, id_: str, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        """Return the cache key of a node: the known one if it was computed from the same inputs."""
        known = self.job.keys.get(id_)
        if known is not None and known[0] == inputs:
            return known[1]
        return self.job.cache.sign(spec, inputs) if self.job.cache is not None else None

    def is_recorded(self, spec: InvocationSpec) -> bool:
        """Whether a start is worth a record: our own sums, texts and lists are plain Python and end no program.

        The record is what `Session.crashes` counts; it costs as much as running such a node does.
        """
        known = self.recorded.get(spec.type)
        if known is None:
            types = [field.type for field in spec.inputs] + [field.type for field in spec.outputs]
            known = spec.origin != "built in" or any(kind.is_reference for kind in types)
            self.recorded[spec.type] = known
        return known

    def attempt(self, step: NodeStep, where: Where) -> Generator[Event, None, CachedResult]:
        """Let the node work; where memory runs out, once more with all that is kept let go, and in smaller pieces.

        What was made in pieces may differ in the last bits. It is this session's result and says so in its facts, but
        is not remembered under the key of its inputs: with more memory the same line gives the image it always gave.
        Nodes that come after it are looked up by what it gave, as after any other.
        """
        _, id_, path, inputs = step
        try:
            return self.invoke(id_, where[2], path, inputs)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
        # Out of the block above the error is gone, and with its frames what these had taken.
        self.job.services.free()
        yield NodeRetried(*where[:4], time.time(), reason=NO_MEMORY)
        return self.invoke(id_, where[2], path, inputs, low_memory=True)

    def invoke(
        self, id_: str, kind: str, path: Path, inputs: Mapping[str, Any], *, low_memory: bool = False
    ) -> CachedResult:
        """Make the node and let it work."""
        plain = plain_work(self.session.graph.node_type(id_).spec, inputs)
        context = LocalContext(
            self.session, id_, kind, path, services=self.job.services, tell=self.say, is_cancelled=self.is_cancelled,
            claim=lambda target: self.keep(Claimed(id_, path, target)), low_memory=low_memory,
        )  # fmt: skip
        token = at_work.set(context)
        try:
            if plain is not None:
                work, whole = plain
                return CachedResult(dict(work(context, whole)), context.facts)
            cls = self.classes.get(kind)
            if cls is None:
                cls = self.classes[kind] = self.job.catalog.load(kind)
            outputs = cls(**inputs).invoke(context)
        finally:
            at_work.reset(token)
        found = dict(getattr(outputs, "__dict__", ()))
        if found.keys() != self.session.graph.node_type(id_).outputs.keys():
            raise DeclarationError(
                cls.__qualname__, f"`invoke` gave {outputs!r}, which is not what it is annotated with"
            )
        return CachedResult(found, context.facts)

    def say(self, event: Event) -> None:
        """Pass on what a node says while it works; messages are kept with the session."""
        if isinstance(event, LogMessage):
            self.keep(event)
        self.tell(event)

    def keep(self, entry: Any) -> Any:
        """Write an entry to the store and apply it to the session."""
        self.job.store.append(self.session.id, entry)
        self.session.apply(entry)
        return entry

    def where(self, step: NodeStep) -> Where:
        kind = self.session.graph.nodes[step.node_id].type
        return self.session.id, step.node_id, kind, step.path, time.time()

    def end(self, seconds: float) -> Event:
        """Settle how the lines ended and return the last event."""
        session, lines = self.session, self.job.lines
        wrong = {line.number for line in map(session.line_of, self.failed + self.blocked) if line is not None}
        cancelled = self.is_cancelled()
        for number in lines:
            # A line that is stopped while it is tried again has failed as before: `retry` still finds it.
            had_failed = session.lines[number - 1].outcome == FAILED
            outcome = FAILED if number in wrong or (cancelled and had_failed) else CANCELLED if cancelled else "done"
            self.keep(LineEnded(number, seconds / len(lines), outcome))
        where = (session.id, "", "", (), time.time())
        if cancelled:
            return SessionCancelled(*where, seconds=seconds)
        if self.failed or self.blocked:
            return SessionFailed(*where, seconds=seconds, failed=tuple(dict.fromkeys(self.failed)))
        return SessionFinished(*where, seconds=seconds)
