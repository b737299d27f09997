"""A task that a worker has been given, and what became of its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from invocations.frozen import frozen, mutable
from invocations.running.attempt import Ready
from invocations.running.inline import Made

from .task import TaskStep, WorkerTask


@frozen
class Workplace:
    """Where a step ran, how long it waited for a worker, and how long it took."""

    worker: str
    device: str
    queue_seconds: float
    seconds: float


class StepOutcome(NamedTuple):
    """What became of a step; without a result (`made`), it must be looked up in the cache again, and run if missing."""

    ready: Ready
    made: Made | None
    place: Workplace | None = None


@mutable
class TaskState:
    """A task for a worker: how often it was given to one, to which, and when; several steps run at once.

    left: the steps that have no outcome yet, by their place in the task
    """

    number: int
    left: dict[int, Ready]
    attempt: int = 0
    worker: str = ""
    since: float = 0.0
    has_started: bool = False  # whether the worker has started to run it

    @property
    def first(self) -> Ready:
        """The first step that has no outcome yet."""
        return next(iter(self.left.values()))

    def message(self, separate: Callable[[str], bool], previews: str = "") -> WorkerTask:
        """Return the task for a worker.

        separate: returns whether the items of a node's list are used one at a time. previews: see `WorkerTask`
        """
        steps = [
            TaskStep(id_, spec.type, spec.version, path, inputs, separate(id_))
            for (_, id_, path, _), inputs, spec, *_ in self.left.values()
        ]
        return WorkerTask(self.number, self.attempt, self.first.where[0], tuple(steps), previews=previews)
