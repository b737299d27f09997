"""Schedule the nodes of a session: which of them can run now, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from invocations.graph.expand import NodeStep
from invocations.graph.queue import ReadyQueue
from invocations.values import ModelRef

from .base import Job

if TYPE_CHECKING:
    from invocations.sessions.session import Key

    from .ahead import Ahead
    from .batches import Batches
    from .workers.pool import Pool

IN_ORDER = frozenset({"saves", "shows"})  # roles of nodes whose order users see: in names with numbers, on the terminal


class Schedule:
    """The ready runs of the nodes that a job may run; with workers, those that may use one wait in the pool.

    With workers, images are saved and shown in the order of their items, in whatever order workers make them.
    """

    def __init__(
        self, job: Job, is_cancelled: Callable[[], bool], pool: Pool | None = None, batches: Batches | None = None
    ) -> None:
        self._job = job
        self._is_cancelled = is_cancelled
        self._pool = pool
        self._batches = batches
        self._session = job.session
        self._queue: ReadyQueue[NodeStep] = ReadyQueue()
        self._last: ReadyQueue[NodeStep] = ReadyQueue()  # with workers: the runs that wait for earlier items
        self._allowed = job.only
        if job.ahead is not None and job.only is not None and pool is not None:
            self._allowed = job.ahead.allowed(job.session).union(job.only)

    def begin(self) -> None:
        """Enqueue the runs that are already ready when the job starts."""
        session, allowed = self._session, self._allowed
        taken: Collection[Key] = ()
        if self._job.ahead is not None and self._pool is not None:
            taken = self._taken(self._job.ahead, self._pool)
        with session.lock:
            session.expansion.begin()
            for (id_, path), inputs in session.expansion.pending.items():
                if self._is_cancelled():
                    return
                is_allowed = allowed is None or id_ in allowed
                if session.graph.rank(id_) < self._job.limit and is_allowed and (id_, path) not in taken:
                    self.put(NodeStep("run", id_, path, inputs))

    def _taken(self, ahead: Ahead, pool: Pool) -> Collection[Key]:
        """Return the runs that the workers have from earlier jobs, and those that have failed."""
        queued = (step[1:3] for step in pool.queue if self.is_current(step))
        return ahead.failed.union(queued, (ready.step[1:3] for ready in pool.unfinished()))

    def advance(self) -> list[NodeStep]:
        """Return the steps that have become ready or received an outcome without running since the last call."""
        with self._session.lock:
            idle = not (self._queue or self._last or self._batches) and (
                self._pool is None or not (self._pool.queue or self._pool.is_busy)
            )
            advance = partial(self._session.expansion.advance, self._job.limit, is_cancelled=self._is_cancelled)
            if self._allowed is self._job.only:
                return advance(self._job.only, idle=idle)
            steps = advance(self._allowed)
            if idle and not steps:  # only the job's own nodes run without being needed
                steps = advance(self._job.only, idle=True)
            return steps

    def put(self, step: NodeStep) -> None:
        """Enqueue a run that is ready."""
        spec = self._session.graph.node_type(step.node_id).spec
        model = step.data.get(spec.model_bound) if spec.model_bound else None
        name = model.name if isinstance(model, ModelRef) else str(model or "")
        place = self._session.expansion.places.of(step.node_id, step.path)
        if self._pool is None or self._pool.keeps_order:
            self._queue.put(name, place, step)
        elif self._pool.accepts(spec):
            self._pool.queue.put(name, place, step)
        else:
            (self._queue if IN_ORDER.isdisjoint(spec.roles) else self._last).put(name, place, step)

    def take(self) -> NodeStep | None:
        """Return the next run, or None if there is none, or none for which a worker is free, or a batch is full."""
        if self._batches is not None and self._batches.is_full:
            return None
        if self._pool is None:
            return self._queue.take()
        if self._pool.keeps_order:
            return None if self._pool.is_busy else self._queue.take()
        return self._pool.next() or self._next_here(self._pool)

    def _next_here(self, pool: Pool) -> NodeStep | None:
        """Return the next run that stays in this process; images of later items are not saved before earlier ones."""
        last, other = self._last.first_place, self._queue.first_place
        if last is None or (other is not None and other < last):
            return self._queue.take()
        places, waiting = self._session.expansion.places, () if self._batches is None else self._batches
        steps = (ready.step for ready in (*pool.unfinished(), *waiting))
        is_early = any(places.of(*step[1:3]) < last for step in steps if self._is_own(step))
        return self._queue.take() if is_early else self._last.take()

    def _is_own(self, step: NodeStep) -> bool:
        """Return False if a step belongs to a later line (`Ahead`)."""
        job = self._job
        return job.ahead is None or job.only is None or step.node_id in job.only

    @property
    def is_empty(self) -> bool:
        """Whether no run is ready."""
        return not (self._queue or self._last or self._batches) and (
            self._pool is None or not (self._pool.queue or self._pool.has_dropped)
        )

    def is_current(self, step: NodeStep) -> bool:
        """Return False if a line that was added in the meantime has prepared the run again."""
        return self._session.expansion.pending.get(step[1:3]) is step.data
