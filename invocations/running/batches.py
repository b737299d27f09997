"""Batches: similar steps wait for each other and run at once, joined or side by side.

Steps are similar if their nodes have the same type and differ only in the inputs that the type declares as
`batched`. A batch runs as soon as it is full, or when no other step can run. Steps that run side by side, each with the
result that it has alone, use the processors that a small model leaves idle.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from invocations.cache.keys import BUILT_IN
from invocations.errors import InvocationError
from invocations.events import Event
from invocations.values import ModelRef

from .attempt import Attempt, Ready
from .base import BATCH_BY_MEMORY, Job
from .inline_batch import Step, area_of, perform_batch, size_of
from .workers.task_state import StepOutcome, Workplace
from .workers.worker_events import assigned

MOST: Final = 16  # the largest batch if memory decides; larger ones gain little
MAX_BATCH: Final = 10**6  # larger than any batch
MOST_SIDE_BY_SIDE: Final = 4  # with more threads, Python's lock takes up the time that they save


class Batches:
    """The steps of a run that wait for their batch.

    emit: receives the events of those that run. room: returns the bytes that models may take in each worker; None if
    the batches run in this process
    """

    def __init__(
        self, job: Job, attempt: Attempt, emit: Callable[[Event], None], room: Callable[[], int | None] = lambda: None
    ) -> None:
        assert job.batching is not None
        self._job, self._batching, self._attempt, self._emit = job, job.batching, attempt, emit
        self._room = room
        self.announces = not self._batching.side_by_side  # whether events and records show which steps ran at once
        self._waiting: dict[Hashable, list[Ready]] = {}
        self._wanted: dict[Hashable, int] = {}  # how many steps the batch of each group is to have
        self._same: dict[str, list[Ready]] = {}  # by cache key of a step that waits: later steps with the same key
        self._limits: dict[Hashable, int] = {}  # the sizes that fit, by group, of batches that ran out of memory
        self._full: Hashable = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __iter__(self) -> Iterator[Ready]:
        for group in (*self._waiting.values(), *self._same.values()):
            yield from group

    @property
    def is_full(self) -> bool:
        """Whether a batch is complete, so that it is to run next."""
        return self._full is not None

    def add(self, ready: Ready) -> bool:
        """Let a step wait for its batch; return False if it has to run alone."""
        if not ready.spec.batched or self._is_later(ready) or self._attempt.has_crashed(ready.where):
            return False
        if self._batching.side_by_side and ready.spec.origin != BUILT_IN:
            return False
        key = None if ready.key is None else ready.key.key
        if key is not None and key in self._same:
            self._same[key].append(ready)
            return True
        kind = _group_key(ready)
        if kind not in self._waiting:
            self._wanted[kind] = self._limit(kind, ready)
        if self._wanted[kind] < 2:
            return False
        group = self._waiting.setdefault(kind, [])
        group.append(ready)
        if key is not None:
            self._same[key] = []
        if self._batching.repeats or len(group) >= self._wanted[kind]:
            self._full = kind
        return True

    def _is_later(self, ready: Ready) -> bool:
        """Return True if a step belongs to a later line: a batch has the same steps whatever workers do meanwhile."""
        job = self._job
        return job.ahead is not None and job.only is not None and ready.step.node_id not in job.only

    def take(self) -> tuple[list[Ready], list[Ready]]:
        """Remove and return the batch that is full, or else the one that has waited longest.

        Also return later steps that have the cache key of a step in the batch.
        """
        kind = next(iter(self._waiting)) if self._full is None else self._full
        group, self._full = self._waiting.pop(kind), None
        most = self._limits.get(kind, len(group))
        if len(group) > most:  # memory has run out since they began to wait
            group, self._waiting[kind] = group[:most], group[most:]
        return group, [each for ready in group if ready.key is not None for each in self._same.pop(ready.key.key)]

    @property
    def may_use_worker(self) -> bool:
        """Whether workers can run batches; they do not repeat steps."""
        return not self._batching.repeats

    def computed(self, group: Sequence[Ready], later: Sequence[Ready]) -> Iterator[StepOutcome]:
        """Run a batch here. Raises: Cancelled."""
        if len(group) == 1 and not self._batching.repeats:
            yield StepOutcome(group[0], None)
        else:
            yield from self._begun(group)
        for ready in later:
            yield StepOutcome(ready, None)

    def _begun(self, group: Sequence[Ready]) -> Iterator[StepOutcome]:
        """Begin the steps of a batch and run those that may run."""
        allowed = []
        for ready in group:
            refused = self._attempt.refusal(ready.where)
            if refused is None:
                self._attempt.begin(ready.where)
                allowed.append(ready)
            else:
                yield StepOutcome(ready, refused)
        if not allowed:
            return
        for ready in allowed:
            if self.announces:
                self._emit(assigned(ready.where, batch=len(allowed)))
        started, job, steps = time.perf_counter(), self._job, self._steps(allowed)
        for number, made, seconds, most in perform_batch(group[0].spec, steps, job.services, job.catalog):
            if number < len(allowed):
                ready = allowed[number]._replace(begun=True)
                waited = max(started - ready.started, 0.0) if self.announces else 0.0
                yield StepOutcome(ready, made, Workplace("", "", waited, seconds))
                self.learn(ready, most)

    def learn(self, ready: Ready, most: int) -> None:
        """Take note of how many steps like this one can run at once; 0 if memory did not run out."""
        kind = _group_key(ready)
        if most and not self._batching.repeats:
            self._limits[kind] = min(most, self._limits.get(kind, most))

    def _steps(self, group: Sequence[Ready]) -> list[Step]:
        """Return the steps of a batch; if steps are to be repeated, the first one fills the batch, unseen."""
        steps: list[Step] = [(ready.inputs, self._attempt.context(ready)) for ready in group]
        for _, context in steps:
            context.side_by_side = self._batching.side_by_side
        more = self._batching.most - len(group) if self._batching.repeats else 0
        return steps + [(group[0].inputs, self._attempt.context(group[0], _ignored)) for _ in range(more)]

    def _limit(self, kind: Hashable, ready: Ready) -> int:
        """Return how many steps of a group may run at once."""
        if self._batching.side_by_side:
            return min(self._side_by_side(ready), self._limits.get(kind, MAX_BATCH))
        by_memory = self._batching.most == BATCH_BY_MEMORY
        most = min(MOST if by_memory else self._batching.most, self._limits.get(kind, MAX_BATCH))
        model = ready.inputs.get(ready.spec.model_bound)
        if self._batching.repeats or not isinstance(model, ModelRef):
            return most
        size, wanted = size_of(ready.spec, ready.inputs), 0 if by_memory else most
        try:
            found = self._job.services.models.largest_batch(
                model, size, ready.spec.type, wanted=wanted, free=self._room()
            )
        except InvocationError:  # the node reports it when it runs
            return 1
        return min(found, most)

    def _side_by_side(self, ready: Ready) -> int:
        """Return how many steps like this one can run side by side: only those with a small model on a CPU can."""
        from core.device_class import count_threads
        from core.devices import SMALL_MODEL_BYTES

        model, services = ready.inputs.get(ready.spec.model_bound), self._job.services
        threads = min(count_threads(), MOST_SIDE_BY_SIDE)
        if threads < 2 or not isinstance(model, ModelRef):
            return 1
        try:
            is_small = services.models.settings(model).size_bytes < SMALL_MODEL_BYTES
            return threads if is_small and services.generation.device == "cpu" else 1
        except InvocationError:  # the node reports it when it runs
            return 1


def _group_key(ready: Ready) -> Hashable:
    """Return a value that is equal for steps that can run as one batch."""
    batched = ready.spec.batched
    equal = [(name, value) for name, value in sorted(ready.inputs.items()) if name not in batched]
    sizes = [(name, type(value).__name__, area_of(value)) for name in batched for value in [ready.inputs.get(name)]]
    return ready.spec.type, repr(equal), tuple(sizes)


def _ignored(event: Event) -> None:
    """Drop the events of a repeated step."""
