"""Progress: bars on a terminal, drawn by rich; elsewhere a line every 10 %."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from workflows.charts.duration import duration

from .screen import Screen
from .task import Task

if TYPE_CHECKING:
    from workflows.total_progress import LoopTotal, Total

    from .bars import Bars

PERCENT = 10  # without a terminal, a line is written after this much progress, in percent
REFRESH_S = 0.1  # seconds between two redraws
STARTING: Hashable = None  # key of the placeholder that is shown until the first task starts


class Progress:
    """Shows running tasks in rows, in the order in which they started, below the totals of a script and a loop."""

    def __init__(self, screen: Screen, clock: Callable[[], float], *, refresh_s: float = REFRESH_S) -> None:
        self.screen = screen
        self.clock = clock
        self.refresh_s = refresh_s
        self.total: Total | None = None
        self.tasks: dict[Hashable, Task] = {}
        self.leader: LoopTotal | None = None  # the loop's node whose steps are counted, from its first step to its end
        self._bars: Bars | None = None
        self._drawn_at: float | None = None
        self._preview: tuple[Hashable, str] = (STARTING, "")

    def start(self, label: str, key: Hashable = STARTING, loop: LoopTotal | None = None) -> None:
        """Add a running task; it is shown once it makes progress or takes long, because most tasks finish at once."""
        self.tasks.pop(STARTING, None)
        self.tasks[key] = Task(label, self.clock(), loop=loop)
        if self._bars is not None:
            self._refresh()
        elif key is STARTING:
            self.screen.live(f"{label} {'…' if self.screen.unicode else '...'}")

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
            self._announce(task)
        elif task.loop is self.leader and task.loop.is_short:
            self._announce_total(task.loop)

    def preview(self, codes: str, key: Hashable = STARTING) -> None:
        """Show a preview of a task from the next step on, as rows of terminal codes."""
        self._preview = key, codes

    @property
    def totals(self) -> list[Total]:
        """The total progress of the script and of the loop that is running."""
        loops = [task.loop for task in self.tasks.values() if task.loop is not None][-1:]
        leader = self.leader
        if loops and leader is not None and leader.step[1] == loops[0].step[1] and not leader.is_over:
            loops = [leader]
        return [*([self.total] if self.total is not None else []), *loops]

    @property
    def row_count(self) -> int:
        """The number of rows below the preview."""
        return len(self.tasks) + len(self.totals)

    def still_running(self) -> None:
        """Show how long tasks have been running; without a terminal, write a note at longer and longer intervals."""
        if self.screen.terminal:
            self._refresh()
            return
        for task in self.tasks.values():
            seconds = self.clock() - task.began
            if not task.step[1] and seconds >= task.silence:
                task.silence *= 2
                self.screen.note(f"{task.label}: running for {duration(seconds)}")

    def end(self, *keys: Hashable) -> None:
        """Remove the row of a finished task; without a key, all rows."""
        for key in keys or tuple(self.tasks):
            task = self.tasks.pop(key, None)
            if task is not None and task.loop is not None and task.loop is self.leader:
                self._announce_total(task.loop)
            if self._preview[0] == key:
                self._preview = STARTING, ""
        if not self.tasks:
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
        if not (self.tasks or self.total) or not self.screen.terminal or self.screen.quiet:
            return
        if self._drawn_at is not None and now - self._drawn_at < self.refresh_s:
            return
        self._drawn_at = now
        if self._bars is None:
            from .bars import Bars

            self._bars = Bars(self.screen.make_console, self.clock)
        self.screen.live(
            *self._bars.rows(self.tasks.values(), self.totals, self.screen.size[0]), preview=self._preview[1]
        )

    def _announce_total(self, total: Total) -> None:
        announcement = "" if self.screen.terminal else total.announcement()
        if announcement:
            self.screen.note(announcement)

    def _announce(self, task: Task) -> None:
        step, total = task.step
        percent = min(step, total) * 100 // total
        tenth = percent // PERCENT
        if tenth > task.announced and (tenth > 0 or step == total):
            task.announced = tenth
            self.screen.note(f"{task.label}: {percent} % ({step} of {total})")
