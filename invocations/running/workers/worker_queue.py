"""The steps that wait for a worker, ordered so that a worker keeps its model, and what loading a model costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from invocations.frozen import mutable
from invocations.graph.expand import NodeStep
from invocations.graph.queue import Place, ReadyQueue
from invocations.sessions.session import Key


@mutable
class _Costs:
    """What the steps with one model have taken: seconds without loading, their number, and the longest load."""

    seconds: float = 0.0
    steps: int = 0
    load_seconds: float = 0.0


class WorkerQueue:
    """A queue of steps for several workers; clock: returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._steps: ReadyQueue[NodeStep] = ReadyQueue()
        self._put: dict[Key, tuple[float, str]] = {}  # when each step was added, and its model
        self._costs: dict[str, _Costs] = {}

    def put(self, model: str, place: Place, step: NodeStep) -> None:
        """Add a step; `model` is the model that must be loaded, or "" if none."""
        self._put[step.node_id, step.path] = (self._clock(), model)
        self._steps.put(model, place, step)

    def take(self) -> NodeStep | None:
        """Remove and return the next step, whichever model it needs, or return None if there is none."""
        return self._steps.take()

    def take_for(self, worker: str) -> NodeStep | None:
        """Remove and return the next step for a worker, or None if there is none for it."""
        return self._steps.take_for(worker, self._pays)

    def __iter__(self) -> Iterator[NodeStep]:
        return iter(self._steps)

    def assign(self, worker: str, key: Key) -> None:
        """Remember that a worker runs a step, and thus has its model."""
        self._steps.assign(worker, self._put[key][1] if key in self._put else "")

    def forget(self, worker: str) -> None:
        """Forget the model of a worker that has ended."""
        self._steps.forget(worker)

    def waited(self, key: Key, until: float) -> float:
        """Return how many seconds a step waited before it was given to a worker."""
        return max(until - self._put[key][0], 0.0) if key in self._put else 0.0

    def wait_again(self, key: Key) -> None:
        """Let a step wait from now on, because the worker that ran it has ended."""
        if key in self._put:
            self._put[key] = (self._clock(), self._put[key][1])

    def learn(self, key: Key, seconds: float, load_seconds: float, batch: int = 1) -> None:
        """Remember how long a step took, of which `load_seconds` were for loading its model.

        batch: how many steps ran at once; both times are the step's share
        """
        _, model = self._put.pop(key, (0.0, ""))
        if model:
            costs = self._costs.setdefault(model, _Costs())
            costs.seconds += max(seconds - load_seconds, 0.0)
            costs.steps += 1
            costs.load_seconds = max(costs.load_seconds, load_seconds * batch)

    def _pays(self, model: str, waiting: int) -> bool:
        """Return True if another worker should load a model because many steps wait for it."""
        costs = self._costs.get(model)
        return costs is None or waiting * costs.seconds >= costs.load_seconds * costs.steps

    def __bool__(self) -> bool:
        return bool(self._steps)
