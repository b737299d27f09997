"""Progress of a loop: how many runs of a node in it are finished, and the time left for all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class LoopTally:
    """The runs of one node in loops, counted from its events; `unit` names what a run makes: image or item."""

    unit: str
    whole: int  # runs
    clock: Callable[[], float]
    number: int = 0  # of the current run, from 1
    made: int = 0  # runs that were computed, not cached
    part: float = 0.0  # of the current run, 0 to 1
    finished: int = field(init=False, default=0)
    _measured: bool = field(init=False, default=False)  # whether the pace is measured from a step, after loading
    _from: float = field(init=False, default=0.0)  # how much was made when the measurement began, in runs
    _began: float = field(init=False, default=0.0)
    _latest: float = field(init=False, default=0.0)

    def started(self, number: int) -> None:
        """Count the start of a run."""
        if not self.number:
            self._began = self._latest = self.clock()
        self.number, self.finished, self.part = number, number - 1, 0.0

    def advanced(self, step: int, of: int) -> None:
        """Count a step of the current run."""
        self.part, self._latest = min(step / max(of, 1), 1.0), self.clock()
        if not self._measured and not self.made:
            self._from, self._began = self.part, self._latest
        self._measured = True

    def ended(self, *, cached: bool = False) -> None:
        """Count the end of the current run, in success or failure."""
        self.finished, self.part, self._latest = self.number, 0.0, self.clock()
        self.made += not cached

    @property
    def step(self) -> tuple[float, int]:
        """How many runs are finished, with the part of the current one, and how many there are."""
        return self.finished + self.part, self.whole

    @property
    def left(self) -> float | None:
        """Estimated seconds left at the pace so far, None if unknown."""
        made = self.made + self.part - self._from
        rest = self.whole - self.finished - self.part
        return rest * (self._latest - self._began) / made if made > 0 and rest > 0 else None
