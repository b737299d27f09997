"""Schedule the nodes of a session: which of them can run now, and in which order."""

from __future__ import annotations

from invocations.graph.expand import NodeStep
from invocations.graph.queue import ReadyQueue
from invocations.values import ModelRef

from .base import Job


class Schedule:
    """The ready runs of the nodes that a job may run."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._session = job.session
        self._queue: ReadyQueue[NodeStep] = ReadyQueue()

    def begin(self) -> None:
        """Enqueue the runs that are already ready when the job starts."""
        session, allowed = self._session, self._job.only
        with session.lock:
            session.expansion.begin()
            for (id_, path), inputs in session.expansion.pending.items():
                if session.graph.rank(id_) < self._job.limit and (allowed is None or id_ in allowed):
                    self.put(NodeStep("run", id_, path, inputs))

    def advance(self) -> list[NodeStep]:
        """Return the steps that have become ready or received an outcome without running since the last call."""
        with self._session.lock:
            return self._session.expansion.advance(self._job.limit, self._job.only, idle=not self._queue)

    def put(self, step: NodeStep) -> None:
        """Enqueue a run that is ready."""
        spec = self._session.graph.node_type(step.node_id).spec
        model = step.data.get(spec.model_bound) if spec.model_bound else None
        name = model.name if isinstance(model, ModelRef) else str(model or "")
        self._queue.put(name, self._session.expansion.places.of(step.node_id, step.path), step)

    def take(self) -> NodeStep | None:
        """Return the next run, or None if there is none."""
        return self._queue.take()

    def is_current(self, step: NodeStep) -> bool:
        """Return False if a line that was added in the meantime has prepared the run again."""
        return self._session.expansion.pending.get(step[1:3]) is step.data
