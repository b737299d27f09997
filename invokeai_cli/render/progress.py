"""Progress: bars on a terminal, drawn by rich; elsewhere a line every 10 %."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from workflows.running_task import Task
from workflows.running_tasks import STARTING, RunningTasks
from workflows.shown_text import duration

from .screen import Screen

if TYPE_CHECKING:
    from workflows.total_progress import LoopTotal, Total

    from .bars import Bars

PERCENT = 10  # without a terminal, a line is written after this much progress, in percent
REFRESH_S = 0.1  # seconds between two redraws


class Progress(RunningTasks):
    """Shows running tasks in rows, in the order in which they started, below the totals of a script and a loop.

    A task is shown once it makes progress or takes long, because most tasks finish at once.
    """

    def __init__(self, screen: Screen, clock: Callable[[], float], *, refresh_s: float = REFRESH_S) -> None:
        super().__init__(clock)
        self.screen = screen
        self.refresh_s = refresh_s
        self._bars: Bars | None = None
        self._drawn_at: float | None = None
        self._preview: tuple[Hashable, str] = (STARTING, "")

    def start(
        self, label: str, key: Hashable = STARTING, loop: LoopTotal | None = None, within: Hashable = None
    ) -> None:
        super().start(label, key, loop, within)
        if self._bars is not None:
            self._refresh()
        elif key is STARTING:
            self.screen.live(f"{label} {'…' if self.screen.unicode else '...'}")

    def assign(self, label: str, key: Hashable, worker: str, batch: int) -> None:
        super().assign(label, key, worker, batch)
        if self._bars is not None:
            self._refresh()

    def wait(self, key: Hashable, label: str) -> None:
        super().wait(key, label)
        self._refresh()

    def worker_changed(self, worker: str, state: str, device: str, library: str) -> None:
        super().worker_changed(worker, state, device, library)
        self._refresh()

    @property
    def _names_each(self) -> bool:
        """Whether each finished image is reported: to a screen reader, which cannot follow several bars."""
        return self.screen.accessible and self.workers is not None

    def step(self, step: int, total: int, key: Hashable = STARTING) -> None:
        super().step(step, total, key)
        task = self.tasks[key]
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
    def row_count(self) -> int:
        """The number of rows below the preview."""
        return len(self.rows(self.screen.size[0])) + len(self.totals)

    def still_running(self) -> None:
        """Show how long tasks have been running; without a terminal, write a note at longer and longer intervals."""
        if self.screen.terminal:
            self._refresh()
            return
        for task, seconds in self.silent():
            self.screen.note(f"{task.label}: running for {duration(seconds)}")

    def show_again(self) -> None:
        """Show the rows of workers below the results of a line, at once."""
        self._drawn_at = None
        self._refresh()

    def end(self, *keys: Hashable) -> None:
        super().end(*keys)
        if not self.tasks and self.workers is None:
            self.screen.end_live()
        elif self._bars is not None:
            self._refresh()

    def ended(self, task: Task, key: Hashable) -> None:
        if task.loop is not None and task.loop is self.leader:
            self._announce_total(task.loop)
        if self._preview[0] == key:
            self._preview = STARTING, ""

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
        width = self.screen.size[0]
        rows = self._bars.rows(self.rows(width), self.totals, width)
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
