"""How far a script is: on a terminal before what runs now, off it a line each 10 %; its summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.charts.duration import duration

from .bars import drawn
from .progress import TENTH
from .screen import Screen

if TYPE_CHECKING:
    from workflows.scripts.tally import Count

BAR = 12  # columns
FEWEST = 10  # pictures or lines of a script that is told of off a terminal


class ScriptBar:
    """Shows the count of a script."""

    def __init__(self, screen: Screen, count: Count) -> None:
        self.screen = screen
        self.count = count
        self.told = 0

    def text(self, room: int) -> str:
        """Return the bar with what is done, and, where there is room, the pace and the time left."""
        over, whole = self.count.step
        text = f"{drawn(over, whole, BAR, unicode=self.screen.unicode)} {over}/{whole}"
        left = self._left()
        return next(
            each for each in (f"{text}{self._pace()}{left}", f"{text}{left}", text) if len(each) <= room or each == text
        )

    def line_over(self) -> None:
        """Take in that a line is over."""
        over, whole = self.count.step
        tenth = over * 100 // max(whole, 1) // TENTH
        if not self.screen.terminal and whole >= FEWEST and tenth > self.told:
            self.told = tenth
            self.screen.note(f"{tenth * TENTH} % ({over} of {whole} {self._unit()}){self._pace()}{self._left()}")

    def _unit(self) -> str:
        return "pictures" if self.count.pictures else "lines"

    def _pace(self) -> str:
        left, (over, whole) = self.count.left, self.count.step
        if left is None or over >= whole:
            return ""
        each = left / (whole - over)
        unit = self._unit()
        return f"  {duration(each)}/{unit[:-1]}" if each >= 1 else f"  {1 / max(each, 1e-6):.1f} {unit}/s"

    def _left(self) -> str:
        left, (over, whole) = self.count.left, self.count.step
        return "" if left is None or over >= whole else f"  {duration(left)} left"


def summary(count: Count) -> str:
    """Return how a script ended, in one line."""
    pictures = f", {count.pictures_made} of {count.pictures} pictures" if count.pictures else ""
    return f"{count.done} done, {count.failed} failed, {count.reused} reused{pictures}, {duration(count.seconds)}"
