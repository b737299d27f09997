"""Total progress of a script: `image 3 of 12` above the bars, a line every 10 % off a terminal, a summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workflows.charts.duration import duration

if TYPE_CHECKING:
    from workflows.tally import Tally

PERCENT = 10  # progress between two lines off a terminal
MIN_ANNOUNCED = 10  # images or lines of a script whose progress is announced off a terminal


class Total:
    """Describes the tally of a script."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.announced = 0  # the last tenth of the script that was announced

    @property
    def step(self) -> tuple[int, int]:
        """The number of finished images and of all images; if the script makes none, the numbers of lines."""
        return self.tally.step

    @property
    def label(self) -> str:
        """The current item: `image 3 of 12`."""
        finished, whole = self.step
        return f"{self._unit} {min(finished + 1, whole)} of {whole}"

    @property
    def pace(self) -> str:
        """The speed, "" if not known yet."""
        seconds = self._seconds_left
        if seconds is None:
            return ""
        each = seconds / (self.step[1] - self.step[0])
        return f"{duration(each)}/{self._unit}" if each >= 1 else f"{1 / max(each, 1e-6):.1f} {self._unit}s/s"

    @property
    def left(self) -> str:
        """The time left, "" if not known yet."""
        seconds = self._seconds_left
        return "" if seconds is None else f"{duration(seconds)} left"

    def announcement(self) -> str:
        """Return the line for a tenth that was reached, "" if there is none."""
        finished, whole = self.step
        tenth = finished * 100 // max(whole, 1) // PERCENT
        if whole < MIN_ANNOUNCED or tenth <= self.announced:
            return ""
        self.announced = tenth
        parts = (f"{tenth * PERCENT} % ({finished} of {whole} {self._unit}s)", self.pace, self.left)
        return "  ".join(part for part in parts if part)

    @property
    def _unit(self) -> str:
        return "image" if self.tally.images else "line"

    @property
    def _seconds_left(self) -> float | None:
        return self.tally.left if self.step[0] < self.step[1] else None


def summary(tally: Tally) -> str:
    """Return the summary of a script in one line."""
    images = f", {tally.images_made} of {tally.images} image{'s' * (tally.images != 1)}" if tally.images else ""
    return f"{tally.done} done, {tally.failed} failed, {tally.reused} cached{images}, {duration(tally.seconds)}"
