"""Progress: bars on a terminal, drawn by rich; elsewhere a line every 10 %."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from workflows.charts.duration import duration
from workflows.running_task import Task

from .screen import Screen

if TYPE_CHECKING:
    from workflows.total_progress import LoopTotal, Total
    from workflows.worker_rows import WorkerRows

    from .bars import Bars

PERCENT = 10  # without a terminal, a line is written after this much progress, in percent
REFRESH_S = 0.1  # seconds between two redraws
STARTING: Hashable = None  # key of the placeholder that is shown until the first task starts


class Progress:
    """Shows running tasks in rows, in the order in which they started, below the totals of a script and a loop.

    In a run with workers or batches, there is a row for each worker instead (see `workflows.worker_rows`).
    """

    def __init__(self, screen: Screen, clock: Callable[[], float], *, refresh_s: float = REFRESH_S) -> None:
        self.screen = screen
        self.clock = clock
        self.refresh_s = refresh_s
        self.total: Total | None = None
        self.tasks: dict[Hashable, Task] = {}
        self.leader: LoopTotal | None = None  # the loop's node whose steps are counted, from its first step to its end
        self.loops: dict[str, LoopTotal] = {}  # the progress of each node's loop
        self.workers: WorkerRows | None = None
        self._bars: Bars | None = None
        self._drawn_at: float | None = None
        self._preview: tuple[Hashable, str] = (STARTING, "")

    def start(
        self, label: str, key: Hashable = STARTING, loop: LoopTotal | None = None, within: Hashable = None
    ) -> None:
        """Add a running task; it is shown once it makes progress or takes long, because most tasks finish at once.

        within: the key of the node for which a model is loaded, if that is the task
        """
        self.tasks.pop(STARTING, None)
        self.tasks[key] = Task(label, self.clock(), loop=loop)
        if self.workers is not None and within is not None:
            self.workers.loading(within, key, self.tasks[key])
        if self._bars is not None:
            self._refresh()
        elif key is STARTING:
            self.screen.live(f"{label} {'…' if self.screen.unicode else '...'}")

    def forget(self) -> None:
        """Let loops start from zero, except those of which workers are running nodes."""
        self.loops = {} if self.workers is None else {key: loop for key, loop in self.loops.items() if loop.tally.parts}
        self.leader = None

    def iteration(self, event: Any, key: Hashable, unit: Callable[[str], str]) -> LoopTotal:
        """Count the start of a node in a loop, and return the total progress of that loop."""
        if event.node_id not in self.loops:
            from workflows.loop_tally import LoopTally
            from workflows.total_progress import LoopTotal

            self.loops[event.node_id] = LoopTotal(LoopTally(unit(event.node_type), event.iterations, self.clock))
        loop = self.loops[event.node_id]
        loop.tally.started(event.ended, key)
        return loop

    def assign(self, label: str, key: Hashable, worker: str, batch: int) -> None:
        """Show that a worker has begun to run a node, from its first step on."""
        task = self.tasks.setdefault(key, Task(label, self.clock()))
        task.name, task.step, task.announced = label, (0, 0), -1
        self._worker_rows.assigned(worker, key, task, batch)
        if self._bars is not None:
            self._refresh()

    def wait(self, key: Hashable, label: str) -> None:
        """Show that a node waits, and for what."""
        self.tasks.setdefault(key, Task(label, self.clock())).name = label
        self._refresh()

    def worker_changed(self, worker: str, state: str, device: str, library: str) -> None:
        """Show that a worker is starting, importing a library, ready, lost, or gets no more nodes."""
        for key in self._worker_rows.changed(worker, state, device, library):
            self.tasks.pop(key, None)
        self._refresh()

    @property
    def has_workers(self) -> bool:
        """Whether several workers run nodes."""
        return self.workers is not None and self.workers.are_several

    @property
    def _names_each(self) -> bool:
        """Whether each finished image is reported: to a screen reader, which cannot follow several bars."""
        return self.screen.accessible and self.workers is not None

    @property
    def _worker_rows(self) -> WorkerRows:
        if self.workers is None:
            from workflows.worker_rows import WorkerRows

            self.workers = WorkerRows(self.clock)
        return self.workers

    def step(self, step: int, total: int, key: Hashable = STARTING) -> None:
        """Show that `step` of `total` steps are done."""
        task = self.tasks[key]
        if step < task.step[0]:
            task.announced = -1
        task.step = step, max(total, 1)
        if task.loop is not None:
            task.loop.tally.advanced(step, total, key)
            if self.leader is None or self.leader.is_over:
                self.leader = task.loop
        if self.screen.terminal:
            self._refresh()
        elif task.loop is None:
            if self.total is None or not self._names_each:
                self._announce(task)
        elif task.loop is self.leader and task.loop.is_short:
            self._announce_total(task.loop)

    def preview(self, codes: str, key: Hashable = STARTING) -> None:
        """Show a preview of a task from its next step on, as rows of terminal codes, unless another one is shown."""
        if not self._preview[1] or self._preview[0] == key:
            self._preview = key, codes

    @property
    def totals(self) -> list[Total]:
        """The total progress of the script and of the loop that is running."""
        loops = [task.loop for task in self._own_tasks if task.loop is not None]
        loops = sorted((loop for loop in loops if loop.step[1] == loops[0].step[1]), key=_finished)[:1]
        leader = self.leader
        if loops and leader is not None and leader.step[1] == loops[0].step[1] and not leader.is_over:
            loops = [leader]
        return [*([self.total] if self.total is not None else []), *loops]

    @property
    def _own_tasks(self) -> list[Task]:
        """The tasks of the line that is running; in a script, workers may have begun with later lines."""
        tasks = [*self.tasks.values()]
        if self.total is None or self.workers is None:
            return tasks
        first = self.workers.first_begun
        return tasks[:1] if first is None else [first]

    @property
    def row_count(self) -> int:
        """The number of rows below the preview."""
        return len(self._rows) + len(self.totals)

    @property
    def _rows(self) -> list[Task]:
        """The tasks that have a row; with workers, nodes that wait have one only if no node is at work."""
        rows = [] if self.workers is None else self.workers.shown(self.screen.size[0])
        return rows or [*self.tasks.values()]

    def still_running(self) -> None:
        """Show how long tasks have been running; without a terminal, write a note at longer and longer intervals."""
        if self.screen.terminal:
            self._refresh()
            return
        at_work = [] if self.workers is None else self.workers.at_work()
        for task in at_work or self.tasks.values():
            seconds = self.clock() - task.began
            if not task.step[1] and seconds >= task.silence:
                task.silence *= 2
                self.screen.note(f"{task.label}: running for {duration(seconds)}")

    def show_again(self) -> None:
        """Show the rows of workers below the results of a line, at once."""
        self._drawn_at = None
        self._refresh()

    def end(self, *keys: Hashable) -> None:
        """Remove the row of a finished task; without a key, all rows."""
        if not keys:
            self.workers = None
        for key in keys or tuple(self.tasks):
            task = self.tasks.pop(key, None)
            if self.workers is not None:
                self.workers.ended(key)
            if task is not None and task.loop is not None and task.loop is self.leader:
                self._announce_total(task.loop)
            if self._preview[0] == key:
                self._preview = STARTING, ""
        if not self.tasks and self.workers is None:
            self.screen.end_live()
        elif self._bars is not None:
            self._refresh()

    def script_advanced(self) -> None:
        """Show the progress of a script: after each line on a terminal, elsewhere every 10 %."""
        if self.total is not None:
            self._announce_total(self.total)
        self._refresh()

    def _refresh(self) -> None:
        now = self.clock()
        if not (self.tasks or self.total or self.workers is not None) or not self.screen.terminal or self.screen.quiet:
            return
        if self._drawn_at is not None and now - self._drawn_at < self.refresh_s:
            return
        self._drawn_at = now
        if self._bars is None:
            from .bars import Bars

            self._bars = Bars(self.screen.make_console, self.clock)
        rows = self._bars.rows(self._rows, self.totals, self.screen.size[0])
        self.screen.live(*rows, preview=self._preview[1], unit="workers" if self.has_workers else "")

    def _announce_total(self, total: Total) -> None:
        announcement = "" if self.screen.terminal else total.each() if self._names_each else total.announcement()
        if announcement:
            self.screen.note(announcement)

    def _announce(self, task: Task) -> None:
        step, total = task.step
        percent = min(step, total) * 100 // total
        tenth = percent // PERCENT
        if tenth > task.announced and (tenth > 0 or step == total):
            task.announced = tenth
            self.screen.note(f"{task.label}: {percent} % ({step} of {total})")


def _finished(loop: LoopTotal) -> float:
    return loop.step[0]
