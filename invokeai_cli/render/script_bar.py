"""How far a script is: on a terminal before what runs now, off it a line each 10 %; its summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.charts.duration import duration

from .bars import drawn
from .progress import TENTH
from .screen import Screen

if TYPE_CHECKING:
    from workflows.scripts.tally import Tally

BAR = 12  # columns
FEWEST = 10  # pictures or lines of a script that is told of off a terminal


class ScriptBar:
    """Shows the progress of a script."""

    def __init__(self, screen: Screen, tally: Tally) -> None:
        self.screen = screen
        self.tally = tally
        self.told = 0

    def text(self, room: int) -> str:
        """Return the bar with what is done, and, where there is room, the pace and the time left."""
        over, whole = self.tally.step
        text = f"{drawn(over, whole, BAR, unicode=self.screen.unicode)} {over}/{whole}"
        left = self._left()
        return next(
            each for each in (f"{text}{self._pace()}{left}", f"{text}{left}", text) if len(each) <= room or each == text
        )

    def line_over(self) -> None:
        """Take in that a line is over."""
        over, whole = self.tally.step
        tenth = over * 100 // max(whole, 1) // TENTH
        if not self.screen.terminal and whole >= FEWEST and tenth > self.told:
            self.told = tenth
            self.screen.note(f"{tenth * TENTH} % ({over} of {whole} {self._unit()}){self._pace()}{self._left()}")

    def _unit(self) -> str:
        return "pictures" if self.tally.images else "lines"

    def _pace(self) -> str:
        left, (over, whole) = self.tally.left, self.tally.step
        if left is None or over >= whole:
            return ""
        each = left / (whole - over)
        unit = self._unit()
        return f"  {duration(each)}/{unit[:-1]}" if each >= 1 else f"  {1 / max(each, 1e-6):.1f} {unit}/s"

    def _left(self) -> str:
        left, (over, whole) = self.tally.left, self.tally.step
        return "" if left is None or over >= whole else f"  {duration(left)} left"


def summary(tally: Tally) -> str:
    """Return how a script ended, in one line."""
    pictures = f", {tally.images_made} of {tally.images} pictures" if tally.images else ""
    return f"{tally.done} done, {tally.failed} failed, {tally.reused} reused{pictures}, {duration(tally.seconds)}"
