"""The progress and summary of a script: lines done, failed and reused, images, seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts the lines of a script and their images; `reused` lines were done by an earlier run."""

    images: int
    lines: int
    clock: Callable[[], float]
    loops: bool = False  # whether a line has a loop: `images` counts its images as one, so progress is counted in lines
    done: int = 0
    failed: int = 0
    reused: int = 0
    images_done: int = 0
    images_reused: int = 0
    images_failed: int = 0  # images of failed lines: counted as finished, although they do not exist
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """Seconds since the script started."""
        return self.clock() - self.started

    @property
    def images_made(self) -> int:
        """How many images exist now."""
        return self.images_done - self.images_failed

    @property
    def unit(self) -> str:
        """The unit of progress: `image`, or `line` if the script has loops or makes no images."""
        return "image" if self.images and not self.loops else "line"

    @property
    def number(self) -> int:
        """The number of the current image or line, counted from 1."""
        finished, total = self.step
        return min(finished + 1, total)

    @property
    def step(self) -> tuple[int, int]:
        """How many images or lines are finished, and how many there are in total."""
        if self.unit == "image":
            return self.images_done, self.images
        return self.done + self.failed + self.reused, self.lines

    @property
    def left(self) -> float | None:
        """Estimated seconds left at the pace so far, or None if unknown."""
        finished, total = self.step
        earlier = self.images_reused if self.unit == "image" else self.reused
        return (total - finished) * self.seconds / (finished - earlier) if finished > earlier else None

    def line(self, images: int, *, failed: bool = False, reused: bool = False) -> None:
        """Count one finished line and its images."""
        self.failed += failed
        self.reused += reused
        self.done += not failed and not reused
        self.images_done += images
        self.images_reused += images if reused else 0
        self.images_failed += images if failed else 0

    def to_json(self) -> dict[str, float]:
        """Return the summary as it appears in JSON documents."""
        return {
            "lines": self.lines, "done": self.done, "failed": self.failed, "reused": self.reused,
            "pictures": self.images_made, "seconds": self.seconds,
        }  # fmt: skip
