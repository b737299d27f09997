"""The total progress of a script or a loop in words: `image 3 of 12`, and in a log, a line every 10 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from invocations.shown_numbers import counted

from .shown_text import duration

if TYPE_CHECKING:
    from .loop_tally import LoopTally

PERCENT = 10  # in a log, a line is written after this much progress, in percent
MIN_ANNOUNCED = 10  # minimum number of images, lines or items whose progress is reported in a log


class Counted(Protocol):
    """A tally of images, lines or items; `number` is the current item (from 1), `left` the time left in seconds."""

    @property
    def unit(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def step(self) -> tuple[float, int]: ...
    @property
    def left(self) -> float | None: ...


class Total:
    """Describes the progress of a tally, in words and numbers."""

    def __init__(self, tally: Counted) -> None:
        self.tally = tally
        self.announced = 0  # the last tenth of the progress that was reported
        self.named = 0  # how many units were finished at the last report of a single one

    @property
    def step(self) -> tuple[float, int]:
        """The number of finished units and of all units; in a loop, the current unit counts in part."""
        return self.tally.step

    @property
    def label(self) -> str:
        """The current item: `image 3 of 12`."""
        return f"{self.tally.unit} {self.tally.number} of {self.step[1]}"

    @property
    def pace(self) -> str:
        """The speed, "" if not known yet."""
        seconds = self._seconds_left
        if seconds is None:
            return ""
        each = seconds / (self.step[1] - self.step[0])
        return f"{duration(each)}/{self.tally.unit}" if each >= 1 else f"{1 / max(each, 1e-6):.1f} {self.tally.unit}s/s"

    @property
    def left(self) -> str:
        """The time left, "" if not known yet."""
        seconds = self._seconds_left
        return "" if seconds is None else f"{duration(seconds)} left"

    def announcement(self) -> str:
        """Return the line that reports a new tenth of the progress; "" if no new tenth has been reached."""
        finished, whole = self._reported
        percent = int(finished * 100 / max(whole, 1))
        tenth = percent // PERCENT
        if not whole or tenth <= self.announced:
            return ""
        self.announced = tenth
        return self._with_times(f"{percent} % ({int(finished)} of {whole} {self.tally.unit}s)")

    def each(self) -> str:
        """Return the line that reports finished units one by one; "" if none has finished since the last line."""
        finished, whole = self._finished, self.step[1]
        if finished <= self.named:
            return ""
        self.named = finished
        return self._with_times(f"{finished} of {counted(whole, self.tally.unit)} finished")

    def _with_times(self, text: str) -> str:
        return "  ".join(part for part in (text, self.pace, self.left) if part)

    @property
    def _finished(self) -> int:
        return int(self.step[0])

    @property
    def _reported(self) -> tuple[float, int]:
        """The number of finished units and the total, as reported in a log; a total of 0 is not reported."""
        finished, whole = self.step
        return int(finished), whole if whole >= MIN_ANNOUNCED else 0

    @property
    def _seconds_left(self) -> float | None:
        return self.tally.left if self.step[0] < self.step[1] else None


class LoopTotal(Total):
    """Describes the progress of a loop."""

    tally: LoopTally

    @property
    def _reported(self) -> tuple[float, int]:
        """In a short loop, the finished part of the current run counts too; otherwise, reports would be rare."""
        finished, whole = self.step
        return finished if self.is_short else int(finished), whole

    @property
    def _finished(self) -> int:
        return self.tally.finished

    @property
    def is_short(self) -> bool:
        """Whether each run is more than a tenth of the loop."""
        return self.step[1] < MIN_ANNOUNCED

    @property
    def is_over(self) -> bool:
        """Whether all runs have ended."""
        return self.tally.finished >= self.tally.whole
