"""Progress of a loop: how many runs of a node are finished, and the estimated time left for the remaining runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field


@dataclass(slots=True)
class LoopTally:
    """Counts the runs of a node in a loop from the node's events; several runs may be in progress at once.

    unit: what a run makes, "image" or "item"
    whole: how many runs there are
    clock: returns the time in seconds
    number: the number of the current run, counted from 1
    made: how many runs were computed rather than cached
    parts: the finished part of each run in progress, from 0 to 1
    """

    unit: str
    whole: int
    clock: Callable[[], float]
    number: int = 0
    made: int = 0
    parts: dict[Hashable, float] = field(default_factory=dict)
    finished: int = field(init=False, default=0)
    _measured: bool = field(
        init=False, default=False
    )  # whether a step was counted; the pace is measured from the first one, when the model is loaded
    _from: float = field(
        init=False, default=0.0
    )  # the part of the first run that was finished when the measurement began
    _began: float = field(init=False, default=0.0)
    _latest: float = field(init=False, default=0.0)
    _busy: float = field(init=False, default=0.0)  # the seconds of the measurement, times the runs in progress
    _busy_until: float = field(init=False, default=0.0)

    def started(self, ended: int, run: Hashable = ()) -> None:
        """Count the start of a run; `ended` is how many runs have ended, including the runs of earlier attempts."""
        if not self.number:
            self._began = self._latest = self._busy_until = self.clock()
        self._pass_time()
        self.finished = max(ended, self.finished) if self.parts else ended
        self.number, self.parts[run] = self.finished + 1, 0.0

    def advanced(self, step: int, of: int, run: Hashable = ()) -> None:
        """Count a step of a run."""
        self._latest = self._pass_time()
        self.parts[run] = min(step / max(of, 1), 1.0)
        if not self._measured and not self.made:
            self._from, self._began, self._busy = self.part, self._latest, 0.0
        self._measured = self._measured or all(self.parts.values())  # the steps of a batch end together

    def ended(self, run: Hashable = (), *, cached: bool = False) -> None:
        """Count the end of a run, whether it succeeded or failed."""
        self._latest = self._pass_time()
        self.finished += self.parts.pop(run, None) is not None
        self.number = max(self.number, self.finished + 1) if self.parts else self.number
        self.made += not cached

    @property
    def part(self) -> float:
        """The finished parts of all runs in progress, added up."""
        return sum(self.parts.values())

    @property
    def step(self) -> tuple[float, int]:
        """How many runs are finished, including the finished part of the current one, and how many there are."""
        return self.finished + self.part, self.whole

    @property
    def left(self) -> float | None:
        """Estimated seconds left at the pace so far, or None if unknown.

        A run is not divided among workers, so it is at least the time that the run with the most steps left needs.
        """
        made = self.made + self.part - self._from
        rest = self.whole - self.finished - self.part
        if made <= 0 or rest <= 0:
            return None
        last = 1 - min(self.parts.values(), default=1.0)
        return max(rest * (self._latest - self._began), last * self._busy) / made

    def _pass_time(self) -> float:
        """Count the time since the last call for each run in progress, and return the time now."""
        now = self.clock()
        self._busy += (now - self._busy_until) * max(len(self.parts), 1)
        self._busy_until = now
        return now
