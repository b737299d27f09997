"""How far what runs is: a bar for each with rate and time to go on a terminal, a line each 10 % off it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workflows.charts.duration import duration

from .bars import bar, bar_room
from .screen import Screen

if TYPE_CHECKING:
    from .script_bar import ScriptBar

TENTH = 10  # percent between two lines off a terminal
SILENCE = 10.0  # seconds after which it is told off a terminal that something is at work, then twice as many ...
ANYTHING: Hashable = None  # what stands for whatever comes first


@dataclass(slots=True)
class Task:
    """One thing that runs; times in seconds of the clock."""

    label: str
    began: float
    step: int = 0
    of: int = 0  # 0: it tells no steps
    first: tuple[int, float] | None = None  # the first step that was told, and when
    told: int = -1  # tenths, off a terminal
    silence: float = SILENCE

    def rate(self, now: float) -> float:
        """Return the steps in a second, 0 where that is not known yet."""
        if self.first is None or self.step <= self.first[0] or now <= self.first[1]:
            return 0.0
        return (self.step - self.first[0]) / (now - self.first[1])


class Progress:
    """Shows what runs, each in a row of its own in the order they began, under how far the script is."""

    def __init__(self, screen: Screen, clock: Callable[[], float]) -> None:
        self.screen = screen
        self.clock = clock
        self.script: ScriptBar | None = None
        self.tasks: dict[Hashable, Task] = {}
        self._picture: tuple[Hashable, str] = (ANYTHING, "")

    def begin(self, label: str, key: Hashable = ANYTHING) -> None:
        """Name something that runs now; it takes the place of what stands for whatever comes first."""
        self.tasks.pop(ANYTHING, None)
        self.tasks[key] = Task(label, self.clock())
        self._show()

    def step(self, step: int, of: int, key: Hashable = ANYTHING) -> None:
        """Show that `step` of `of` is done."""
        task = self.tasks[key]
        if task.first is None or step < task.first[0]:
            task.first, task.told = (step, self.clock()), -1
        task.step, task.of = step, max(of, 1)
        self._show()
        if not self.screen.terminal:
            self._line(task)

    def picture(self, codes: str, key: Hashable = ANYTHING) -> None:
        """Show from the next step on how far a picture is."""
        self._picture = key, codes

    @property
    def lines(self) -> list[str]:
        """Return what is shown under the picture."""
        room, now = bar_room(self.screen.size[0]), self.clock()
        script = [self.script.text(room)] if self.script is not None and self.tasks else []
        return script + [self._text(task, room, now) for task in self.tasks.values()]

    def waiting(self) -> None:
        """Show for how long something works that tells no steps: each second, or rarely off a terminal."""
        if self.screen.terminal:
            self._show()
            return
        for task in self.tasks.values():
            seconds = self.clock() - task.began
            if not task.of and seconds >= task.silence:
                task.silence *= 2
                self.screen.note(f"{task.label}: at work for {duration(seconds)}")

    def end(self, *keys: Hashable) -> None:
        """Take away the bars of what has ended, without a key all of them."""
        for key in keys or tuple(self.tasks):
            self.tasks.pop(key, None)
            if self._picture[0] == key:
                self._picture = ANYTHING, ""
        self._show()

    def _show(self) -> None:
        if self.tasks:
            self.screen.live(*self.lines, picture=self._picture[1])
        else:
            self.screen.end_live()

    def _text(self, task: Task, room: int, now: float) -> str:
        if task.of:
            unicode = self.screen.unicode
            return bar(task.label, task.step, task.of, room=room, rate=task.rate(now), unicode=unicode)
        seconds = now - task.began
        dots = f"{task.label} {'…' if self.screen.unicode else '...'}"
        return f"{dots} {duration(seconds)}" if seconds >= 1 else dots

    def _line(self, task: Task) -> None:
        tenth = min(task.step, task.of) * 100 // task.of // TENTH
        if tenth > task.told and (tenth > 0 or task.step == task.of):
            task.told = tenth
            self.screen.note(f"{task.label}: {tenth * TENTH} % ({task.step} of {task.of})")
