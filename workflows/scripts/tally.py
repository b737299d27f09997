"""How far a script is and how it ended: lines done, failed and found done before, pictures, seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Count:
    """The lines of a script and their pictures; `reused` lines were done by an earlier run."""

    pictures: int
    lines: int
    clock: Callable[[], float]
    done: int = 0
    failed: int = 0
    reused: int = 0
    pictures_done: int = 0
    pictures_reused: int = 0
    pictures_failed: int = 0  # of lines that failed: they are over, and not made
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def seconds(self) -> float:
        return self.clock() - self.began

    @property
    def pictures_made(self) -> int:
        """Return how many pictures there are now."""
        return self.pictures_done - self.pictures_failed

    @property
    def step(self) -> tuple[int, int]:
        """Return how much is over and how much there is: pictures, or lines where a script makes none."""
        if self.pictures:
            return self.pictures_done, self.pictures
        return self.done + self.failed + self.reused, self.lines

    @property
    def left(self) -> float | None:
        """Return the seconds that the rest will take at the pace so far, None where nothing is known yet."""
        over, whole = self.step
        earlier = self.pictures_reused if self.pictures else self.reused
        return (whole - over) * self.seconds / (over - earlier) if over > earlier else None

    def line(self, pictures: int, *, failed: bool = False, reused: bool = False) -> None:
        """Count one line that is over, and its pictures."""
        self.failed += failed
        self.reused += reused
        self.done += not failed and not reused
        self.pictures_done += pictures
        self.pictures_reused += pictures if reused else 0
        self.pictures_failed += pictures if failed else 0

    def to_json(self) -> dict[str, float]:
        """Return the summary as documents carry it."""
        return {
            "lines": self.lines, "done": self.done, "failed": self.failed, "reused": self.reused,
            "pictures": self.pictures_made, "seconds": self.seconds,
        }  # fmt: skip
