"""What is in progress: the running tasks, the loops that they belong to, and what each worker is doing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING, Any

from .running_task import Task

if TYPE_CHECKING:
    from .total_progress import LoopTotal, Total
    from .worker_rows import WorkerRows

STARTING: Hashable = None  # key of the placeholder that is shown until the first task starts


class RunningTasks:
    """The tasks in progress, in the order in which they started.

    In a run with workers or batches, a display shows a row for each worker instead (see `worker_rows.py`).
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.total: Total | None = None  # the progress of the script
        self.tasks: dict[Hashable, Task] = {}
        self.leader: LoopTotal | None = None  # the loop's node whose steps are counted, from its first step to its end
        self.loops: dict[str, LoopTotal] = {}  # the progress of each node's loop
        self.workers: WorkerRows | None = None

    def start(
        self, label: str, key: Hashable = STARTING, loop: LoopTotal | None = None, within: Hashable = None
    ) -> None:
        """Add a running task.

        within: the key of the node for which a model is loaded, if that is the task
        """
        self.tasks.pop(STARTING, None)
        self.tasks[key] = Task(label, self.clock(), loop=loop)
        if self.workers is not None and within is not None:
            self.workers.loading(within, key, self.tasks[key])

    def forget(self) -> None:
        """Let loops start from zero, except those of which workers are running nodes."""
        self.loops = {} if self.workers is None else {key: loop for key, loop in self.loops.items() if loop.tally.parts}
        self.leader = None

    def iteration(self, event: Any, key: Hashable, unit: Callable[[str], str]) -> LoopTotal:
        """Count the start of a node in a loop, and return the total progress of that loop."""
        if event.node_id not in self.loops:
            from .loop_tally import LoopTally
            from .total_progress import LoopTotal

            self.loops[event.node_id] = LoopTotal(LoopTally(unit(event.node_type), event.iterations, self.clock))
        loop = self.loops[event.node_id]
        loop.tally.started(event.ended, key)
        return loop

    def assign(self, label: str, key: Hashable, worker: str, batch: int) -> None:
        """Record that a worker has begun to run a node."""
        task = self.tasks.setdefault(key, Task(label, self.clock()))
        task.name, task.step, task.announced = label, (0, 0), -1
        self._worker_rows.assigned(worker, key, task, batch)

    def wait(self, key: Hashable, label: str) -> None:
        """Record that a node waits, and for what."""
        self.tasks.setdefault(key, Task(label, self.clock())).name = label

    def worker_changed(self, worker: str, state: str, device: str, library: str) -> None:
        """Record that a worker is starting, importing a library, ready, lost, or gets no more nodes."""
        for key in self._worker_rows.changed(worker, state, device, library):
            self.tasks.pop(key, None)

    def step(self, step: int, total: int, key: Hashable = STARTING) -> None:
        """Record that `step` of `total` steps are done."""
        task = self.tasks[key]
        if step < task.step[0]:
            task.announced = -1
        task.step = step, max(total, 1)
        if task.loop is not None:
            task.loop.tally.advanced(step, total, key)
            if self.leader is None or self.leader.is_over:
                self.leader = task.loop

    def end(self, *keys: Hashable) -> None:
        """Remove a finished task; without a key, all tasks."""
        if not keys:
            self.workers = None
        for key in keys or tuple(self.tasks):
            task = self.tasks.pop(key, None)
            if self.workers is not None:
                self.workers.ended(key)
            if task is not None:
                self.ended(task, key)

    def ended(self, task: Task, key: Hashable) -> None:
        """Take note of a task that was removed; for a display."""

    @property
    def has_workers(self) -> bool:
        """Whether several workers run nodes."""
        return self.workers is not None and self.workers.are_several

    @property
    def totals(self) -> list[Total]:
        """The total progress of the script and of the loop that is running."""
        loops = [task.loop for task in self._own_tasks if task.loop is not None]
        loops = sorted((loop for loop in loops if loop.step[1] == loops[0].step[1]), key=_finished)[:1]
        leader = self.leader
        if loops and leader is not None and leader.step[1] == loops[0].step[1] and not leader.is_over:
            loops = [leader]
        return [*([self.total] if self.total is not None else []), *loops]

    def rows(self, width: int) -> list[Task]:
        """Return the tasks that have a row; with workers, nodes that wait have one only if no node is at work.

        width: the columns of the display
        """
        rows = [] if self.workers is None else self.workers.shown(width)
        return rows or [*self.tasks.values()]

    def silent(self) -> Iterator[tuple[Task, float]]:
        """Yield the tasks without steps that have been running for long, with the seconds, at growing intervals."""
        at_work = [] if self.workers is None else self.workers.at_work()
        for task in at_work or self.tasks.values():
            seconds = self.clock() - task.began
            if not task.step[1] and seconds >= task.silence:
                task.silence *= 2
                yield task, seconds

    @property
    def _own_tasks(self) -> list[Task]:
        """The tasks of the line that is running; in a script, workers may have begun with later lines."""
        tasks = [*self.tasks.values()]
        if self.total is None or self.workers is None:
            return tasks
        first = self.workers.first_begun
        return tasks[:1] if first is None else [first]

    @property
    def _worker_rows(self) -> WorkerRows:
        if self.workers is None:
            from .worker_rows import WorkerRows

            self.workers = WorkerRows(self.clock)
        return self.workers


def _finished(loop: LoopTotal) -> float:
    return loop.step[0]
