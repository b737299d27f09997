"""Progress of a loop: how many runs of a node are finished, and the estimated time left for the remaining runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class LoopTally:
    """Counts the runs of a node in a loop from the node's events.

    unit: what a run makes, "image" or "item"
    whole: how many runs there are
    clock: returns the time in seconds
    number: the number of the current run, counted from 1
    made: how many runs were computed rather than cached
    part: the finished part of the current run, from 0 to 1
    """

    unit: str
    whole: int
    clock: Callable[[], float]
    number: int = 0
    made: int = 0
    part: float = 0.0
    finished: int = field(init=False, default=0)
    _measured: bool = field(
        init=False, default=False
    )  # whether a step was counted; the pace is measured from the first one, when the model is loaded
    _from: float = field(
        init=False, default=0.0
    )  # the part of the first run that was finished when the measurement began
    _began: float = field(init=False, default=0.0)
    _latest: float = field(init=False, default=0.0)

    def started(self, ended: int) -> None:
        """Count the start of a run; `ended` is how many runs have ended, including the runs of earlier attempts."""
        if not self.number:
            self._began = self._latest = self.clock()
        self.number, self.finished, self.part = ended + 1, ended, 0.0

    def advanced(self, step: int, of: int) -> None:
        """Count a step of the current run."""
        self.part, self._latest = min(step / max(of, 1), 1.0), self.clock()
        if not self._measured and not self.made:
            self._from, self._began = self.part, self._latest
        self._measured = True

    def ended(self, *, cached: bool = False) -> None:
        """Count the end of the current run, whether it succeeded or failed."""
        self.finished, self.part, self._latest = self.number, 0.0, self.clock()
        self.made += not cached

    @property
    def step(self) -> tuple[float, int]:
        """How many runs are finished, including the finished part of the current one, and how many there are."""
        return self.finished + self.part, self.whole

    @property
    def left(self) -> float | None:
        """Estimated seconds left at the pace so far, or None if unknown."""
        made = self.made + self.part - self._from
        rest = self.whole - self.finished - self.part
        return rest * (self._latest - self._began) / made if made > 0 and rest > 0 else None
