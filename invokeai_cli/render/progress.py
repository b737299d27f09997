"""How far a long node is: a bar with rate and time to go on a terminal, a line each 10 % off it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .screen import Screen

if TYPE_CHECKING:
    from .script_bar import ScriptBar

BAR = 24  # columns
TENTH = 10  # percent between two lines off a terminal
SILENCE = 10.0  # seconds after which it is told off a terminal that something is at work, then twice as many ...


class Progress:
    """Shows the node that runs; one at a time, the latest."""

    def __init__(self, screen: Screen, clock: Callable[[], float]) -> None:
        self.screen = screen
        self.clock = clock
        self.label = ""
        self.began = clock()
        self.first_step: tuple[int, float] | None = None
        self.told = -1
        self.busy = False
        self.silence = SILENCE
        self.script: ScriptBar | None = None

    def begin(self, label: str) -> None:
        """Name what runs now."""
        self.label, self.began, self.first_step, self.told = label, self.clock(), None, -1
        self.busy, self.silence = True, SILENCE
        self._show(f"{label} {self._dots()}")

    def step(self, step: int, of: int) -> None:
        """Show that `step` of `of` is done."""
        now = self.clock()
        if self.first_step is None or step < self.first_step[0]:
            self.first_step, self.told = (step, now), -1
        if self.screen.terminal:
            self._show(self._bar(step, of, now))
        else:
            self._line(step, of)

    def waiting(self) -> None:
        """Show for how long something works that tells no steps: each second, or rarely off a terminal."""
        seconds = self.clock() - self.began
        if not self.busy or self.first_step is not None:
            return
        if self.screen.terminal:
            self._show(f"{self.label} {self._dots()} {duration(seconds)}")
        elif seconds >= self.silence:
            self.silence *= 2
            self.screen.note(f"{self.label}: at work for {duration(seconds)}")

    def end(self) -> None:
        """Take the bar away."""
        self.busy = False
        self.screen.end_live()

    def _show(self, text: str) -> None:
        """Show what runs, behind how far the script is."""
        self.screen.live(f"{self.script.text()}  {text}" if self.script is not None else text)

    def _bar(self, step: int, of: int, now: float) -> str:
        of = max(of, 1)
        done = min(max(step, 0), of) * BAR // of
        full, empty = ("█", "░") if self.screen.unicode else ("#", ".")
        text = f"{self.label} {full * done}{empty * (BAR - done)} {step}/{of}"
        steps, seconds = step - self.first_step[0] if self.first_step else 0, now - (self.first_step or (0, now))[1]
        if steps > 0 and seconds > 0:
            rate = steps / seconds
            pace = f"{rate:.1f} steps/s" if rate >= 1 else f"{1 / rate:.1f} s/step"
            text += f"  {pace}  {duration((of - step) / rate)} left"
        return text

    def _line(self, step: int, of: int) -> None:
        tenth = min(step, of) * 100 // max(of, 1) // TENTH
        if tenth > self.told and (tenth > 0 or step == of):
            self.told = tenth
            self.screen.note(f"{self.label}: {tenth * TENTH} % ({step} of {of})")

    def _dots(self) -> str:
        return "…" if self.screen.unicode else "..."


def duration(seconds: float) -> str:
    """Return a span of time as people say it."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
