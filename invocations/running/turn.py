"""The turn of a line: its run, during which workers may begin with later lines (`Ahead`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from invocations.errors import Cancelled
from invocations.events import Event, LogMessage, NodeError, NodeFailed, NodeFinished
from invocations.graph.expand import NodeStep
from invocations.graph.gather import items_are_separate

from .ahead import HELD
from .attempt import Where
from .base import POLL_S, Job
from .execute import Execution, execute
from .lookup import CacheLookup
from .recorder import Recorder
from .workers.base import Workers
from .workers.pool import Pool


class TurnRecorder(Recorder):
    """Records the steps of a line and of later lines; what later lines have to report is held until their turn."""

    def __init__(self, job: Job, lookup: CacheLookup, emit: Callable[[Event], None]) -> None:
        assert job.ahead is not None
        assert job.only is not None
        self.own, self.ahead, until = job.only, job.ahead, job.until
        if until is not None:
            job = replace(job, until=lambda event: event.node_id in self.own and until(event))
        super().__init__(job, lookup, emit)

    def begin(self) -> Iterator[Event]:
        """Yield what the line has to report from before its turn."""
        for event in self.ahead.take_events(self.own):
            if isinstance(event, NodeFailed):
                self.failed.append(event.node_id)
                self.record(event)
            elif isinstance(event, NodeFinished) and self.job.until is not None:
                self.ends = self.job.until(event) or self.ends
            yield event
        yield from super().settle(self.ahead.take_steps(self.own, self.session), lambda step: None, lambda: False)

    def passes(self, event: Event) -> bool:
        """Return False, and hold the event, if it has to wait for the turn of its line."""
        if not isinstance(event, HELD) or not event.node_id or event.node_id in self.own:
            return True
        self.ahead.events.append(event)
        return False

    def settle(
        self, steps: list[NodeStep], put: Callable[[NodeStep], None], is_cancelled: Callable[[], bool]
    ) -> Iterable[Event]:
        now = []
        for step in steps:
            if step.node_id in self.own or step.kind not in ("blocked", "failed"):
                now.append(step)
            else:
                self.ahead.steps[step[1:3]] = step
        return super().settle(now, put, is_cancelled)

    def failure(self, where: Where, error: NodeError, seconds: float) -> NodeFailed:
        if where[1] in self.own:
            return super().failure(where, error, seconds)
        return NodeFailed(*where[:4], time.time(), error, seconds)  # recorded at its turn

    def emit(self, event: Event) -> None:
        if isinstance(event, LogMessage):
            self.record(event)
        if self.passes(event):
            self._emit(event)

    def end(self, seconds: float, *, cancelled: bool, too_many: int) -> Event:
        if cancelled:
            for entry in self.ahead.stopped(self.session, self.own):
                self.record(entry)
        return super().end(seconds, cancelled=cancelled, too_many=too_many)


class TurnExecution(Execution):
    """The run of a line while it runs; at its end, the workers go on with later lines."""

    recorder_type = TurnRecorder
    is_turn = True

    def __init__(self, job: Job, emit: Callable[[Event], None], is_cancelled: Callable[[], bool]) -> None:
        assert job.ahead is not None
        self.ahead, self.own = job.ahead, frozenset(job.only or ())
        self.left: set[str] = {*self.own}  # the line's nodes that may still have to run
        self.hands_over = False  # whether the workers go on with later lines
        super().__init__(job, emit, is_cancelled)

    def events(self) -> Iterator[Event]:
        recorder = self.recorder
        assert isinstance(recorder, TurnRecorder)
        yield from recorder.begin()
        yield from filter(recorder.passes, super().events())

    def is_over(self) -> bool:
        is_closed = self.session.expansion.is_closed
        self.left = {id_ for id_ in self.left if not is_closed(id_)}
        return not self.left

    def has_more(self) -> bool:
        return not self.is_over()

    def may_grow(self, *, is_busy: bool) -> bool:
        return is_busy and self.pool is not None and self.is_at_work(self.pool)

    def is_at_work(self, pool: Pool) -> bool:
        """Return True if the workers have nodes of the line."""
        return any(ready.step.node_id in self.own for ready in pool.unfinished())

    def open_pool(self, get_workers: Callable[[], Workers | None]) -> Pool | None:
        pool: Pool | None = self.ahead.pool
        if pool is None:
            return super().open_pool(get_workers)
        self.ahead.pool = None
        pool.continue_for(self.attempt, self.recorder.emit, partial(items_are_separate, self.session.graph))
        return pool

    def drain(self, pool: Pool) -> Iterator[Event]:
        """Wait for the nodes of the line; the workers keep those of later lines unless the run is cancelled."""
        if self.recorder.ends or self.too_many:
            pool.stop()
        while self.ahead.nodes and self.is_at_work(pool) and not self.is_ended():
            try:
                yield from self.receive(pool, POLL_S)
            except Cancelled:
                self.is_stopped = True
        self.hands_over = bool(self.ahead.nodes) and not self.is_ended()
        if not self.hands_over:
            yield from super().drain(pool)

    def is_ended(self) -> bool:
        """Return True if the run was cancelled, or a node stopped as if it had been."""
        return self.is_stopped or self.is_cancelled()

    def release(self, pool: Pool) -> None:
        if self.hands_over:
            self.ahead.pool = pool
        else:
            pool.close()


execute_turn = partial(execute, kind=TurnExecution)
