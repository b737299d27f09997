"""Run the ready nodes of a session one after another and yield events, synchronously and without starting a thread.

`schedule` knows which node is next, `lookup` whether its result is cached, `attempt` how to compute it, `recorder` what
becomes of it. With workers, `pool` knows which steps they have; `batches` holds steps that are to run at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from invocations.errors import Cancelled, InvocationError
from invocations.events import Event, NodeError
from invocations.graph.expand import NodeStep
from invocations.graph.gather import items_are_separate

from .attempt import Attempt, Ready
from .base import POLL_S, Job
from .inline import Made
from .lookup import CacheLookup
from .meter import NOTHING
from .recorder import Recorder
from .schedule import Schedule

if TYPE_CHECKING:
    from .batches import Batches
    from .workers.base import Workers
    from .workers.pool import Pool
    from .workers.task_state import StepOutcome


def execute(
    job: Job, emit: Callable[[Event], None], is_cancelled: Callable[[], bool], kind: type[Execution] | None = None
) -> Iterator[Event]:
    """Run a job; events from inside a running node go to `emit`, all others are yielded.

    Raises: SessionBusy, SessionMissing.

    kind: the class of the execution (default: `Execution`)
    """
    session = job.session
    session.begin_run()
    execution = None
    try:
        execution = (kind or Execution)(job, emit, is_cancelled)
        yield from execution.events()
    finally:
        if execution is not None and execution.pool is not None:
            execution.release(execution.pool)
        session.running.release()


class Execution:
    """A job while it is running."""

    recorder_type: ClassVar[type[Recorder]] = Recorder
    is_turn: ClassVar[bool] = False  # whether the job ends although workers are still busy with later lines

    def __init__(self, job: Job, emit: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> None:
        self.job = job
        self.session = job.session
        self.is_cancelled = is_cancelled
        self.lookup = CacheLookup(job)
        self.recorder = self.recorder_type(job, self.lookup, emit)
        self.attempt = Attempt(job, emit=self.recorder.emit, record=self.recorder.record, is_cancelled=is_cancelled)
        self.batches = None if job.batching is None or job.max_nodes is not None else self.open_batches()
        self.pool = None if job.workers is None else self.open_pool(job.workers)
        self.schedule = Schedule(job, is_cancelled, self.pool, self.batches)
        self.too_many = 0  # the number of items of a sweep that is larger than allowed
        self.is_stopped = False  # whether a node stopped, as if the run had been cancelled

    def events(self) -> Iterator[Event]:
        started = time.perf_counter()
        schedule, recorder, pool, max_nodes = self.schedule, self.recorder, self.pool, self.job.max_nodes
        schedule.begin()
        done = 0
        try:
            while True:
                yield from recorder.settle(schedule.advance(), schedule.put, self.is_cancelled)
                if recorder.grown and self.is_too_large():
                    break
                if recorder.ends or self.is_cancelled() or (max_nodes is not None and done >= max_nodes):
                    break
                if self.is_turn and self.is_over():
                    break
                step = schedule.take()
                is_busy = pool is not None and (pool.is_busy or pool.awaits_worker)
                if step is None and self.batches and (self.batches.is_full or not self.may_grow(is_busy=is_busy)):
                    yield from self.run_batch(self.batches)
                elif is_busy and pool is not None:
                    yield from self.receive(pool, 0.0 if step is not None else POLL_S)
                elif step is None:
                    break
                if step is not None and schedule.is_current(step):  # skip a run that a newer line has prepared again
                    ready = yield from self.prepare(step)
                    if ready is not None and not (self.batches is not None and self.batches.add(ready)):
                        made = self.compute(ready)
                        if made is not None:
                            yield recorder.commit(ready, made)
                    done += 1
        except Cancelled:
            self.is_stopped = True
        if pool is not None:
            yield from self.drain(pool)
        stopped = recorder.ends and self.has_more()
        cancelled = self.too_many > 0 or stopped or self.is_stopped or self.is_cancelled()
        yield recorder.end(time.perf_counter() - started, cancelled=cancelled, too_many=self.too_many)

    def is_over(self) -> bool:
        """Return True if no node of the job has to run any more, whatever workers do."""
        return False

    def has_more(self) -> bool:
        """Return True if nodes of the job are ready to run."""
        return not self.schedule.is_empty

    def may_grow(self, *, is_busy: bool) -> bool:
        """Return True if more steps may join the waiting batches. is_busy: whether workers are busy"""
        return is_busy

    def is_too_large(self) -> bool:
        """Return True if a sweep turns out to be larger than allowed."""
        from .sweep_size import excess  # imported on demand: few lines have a sweep

        assert self.job.sweeps is not None
        self.recorder.grown, self.too_many = False, excess(self.job, self.job.sweeps)
        return self.too_many > 0

    def prepare(self, step: NodeStep) -> Generator[Event, None, Ready | None]:
        """Look one step up; return it if it has to run, or None if its result is cached or it failed."""
        _, id_, path, inputs = step
        spec = self.session.graph.node_type(id_).spec
        where = (self.session.id, id_, spec.type, path, time.time())
        yield self.recorder.started(where)
        started = time.perf_counter()
        # an image that was not read has no size; nodes with only plain values are not recorded, and use no files
        suspects = [
            each for each in inputs.values() if isinstance(each, (list, tuple)) or not getattr(each, "width", 1)
        ]
        if suspects and self.attempt.is_recorded(spec):
            from .rereading import with_files_read  # imported on demand, here and below: few lines have images

            read = with_files_read(spec, inputs, self.job.services)
            if isinstance(read, NodeError):
                yield self.recorder.failure(where, read, time.perf_counter() - started)
                return None
            inputs = read
        key = self.lookup.key(id_, spec, inputs)
        ready = Ready(step, inputs, spec, where, key, started)
        found = self.lookup.find(id_, key)
        if found is not None:
            yield self.recorder.finish(ready, found, NOTHING, reused=True)
            return None
        return ready

    def compute(self, ready: Ready) -> Made | None:
        """Run a step here, or give it to the workers and return None. Raises: Cancelled."""
        if self.pool is not None and self.uses_worker(self.pool, ready):
            self.pool.submit((ready,))
            return None
        announces = self.pool is not None or (self.batches is not None and self.batches.announces)
        if announces and self.attempt.is_recorded(ready.spec):
            from .workers.worker_events import assigned  # imported on demand: most runs have neither

            self.recorder.emit(assigned(ready.where))
        made = self.attempt.compute(ready)
        if self.pool is not None and not isinstance(made, NodeError):
            self.pool.ran_locally(made[1])
        return made

    def is_flushed(self) -> bool:
        """Write all images to files, where workers read them; return False if that fails."""
        with suppress(InvocationError):
            self.job.services.flush()
            return True
        return False

    def uses_worker(self, pool: Pool, ready: Ready) -> bool:
        """Return True if a worker is to run a step."""
        is_known = ready.key is not None or self.job.cache is None
        return is_known and pool.accepts(ready.spec) and self.is_flushed()

    def run_batch(self, batches: Batches) -> Iterator[Event]:
        """Run the next batch here, or give it to the workers. Raises: Cancelled."""
        is_full = batches.is_full
        group, later = batches.take()
        if self.pool is None or not batches.may_use_worker or not self.uses_worker(self.pool, group[0]):
            yield from self.record(batches.computed(group, later))
            return
        each = len(group) if is_full else -(-len(group) // max(self.pool.idle, 1))
        for place in range(0, len(group), each):  # no worker stays idle while another one has several steps
            self.pool.submit(group[place : place + each])
        for ready in later:
            self.pool.submit((ready,))

    def receive(self, pool: Pool, seconds: float) -> Iterator[Event]:
        """Wait for reports of workers, and record the outcomes of their steps. Raises: Cancelled."""
        yield from self.record(pool.receive(seconds))
        if pool.is_stopped:
            raise Cancelled

    def record(self, outcomes: Iterable[StepOutcome]) -> Iterator[Event]:
        """Record outcomes; a step without a result is looked up once more, and then run. Raises: Cancelled."""
        is_cancelled = False
        for ready, made, place in outcomes:
            if ready.step[1:3] not in self.session.expansion.pending:
                continue  # another step with the same node and iteration was faster
            if made is None:
                ready, place = ready._replace(started=time.perf_counter()), None  # its time does not include waiting
                found = self.lookup.find(ready.step.node_id, ready.key)
                if found is not None:
                    yield self.recorder.finish(ready, found, NOTHING, reused=True)
                    continue
                is_cancelled = is_cancelled or self.is_cancelled()
                try:
                    made = None if is_cancelled else self.compute(ready)
                except Cancelled:  # the results that follow are recorded nevertheless
                    is_cancelled = True
            if made is not None:
                if self.batches is not None and not isinstance(made, NodeError):
                    self.batches.learn(ready, made[1].most)
                yield self.recorder.commit(ready, made, place)
        if is_cancelled:
            raise Cancelled

    def drain(self, pool: Pool) -> Iterator[Event]:
        """Wait for the steps that workers still have; if the run is cancelled, stop them."""
        if self.recorder.ends or self.too_many:
            pool.stop()
        while pool.is_busy:
            if self.is_stopped or self.is_cancelled():
                pool.cancel()
            try:
                yield from self.receive(pool, POLL_S)
            except Cancelled:
                self.is_stopped = True
        yield from self.recorder.settle(self.schedule.advance(), self.schedule.put, self.is_cancelled)

    def release(self, pool: Pool) -> None:
        """Leave the workers to the next run."""
        pool.close()

    def open_batches(self) -> Batches:
        """Return the batches of the run."""
        from .batches import Batches  # imported on demand: most runs have none

        return Batches(self.job, self.attempt, self.recorder.emit, self.room)

    def room(self) -> int | None:
        """Return the bytes that models may take in each worker, or None without workers."""
        return None if self.pool is None else self.pool.room()

    def open_pool(self, get_workers: Callable[[], Workers | None]) -> Pool | None:
        """Return a pool for the workers, or None if no node may use one, or another run uses them."""
        graph = self.session.graph
        with self.session.lock:
            types = {node.type: id_ for id_, node in graph.nodes.items() if graph.rank(id_) < self.job.limit}
        if not any(self.attempt.may_use_worker(graph.node_type(id_).spec) for id_ in types.values()):
            return None
        from .workers.pool import Pool  # imported on demand: most runs have no workers

        workers = get_workers()
        if workers is None or not workers.in_use.acquire(blocking=False):
            return None
        return Pool(workers, self.attempt, self.recorder.emit, partial(items_are_separate, self.session.graph))
