"""The progress and summary of a script: lines done, failed, skipped and reused, images, cached results, seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from invocations.shown_numbers import counted

from .shown_text import duration


@dataclass(slots=True)
class Tally:
    """Counts the lines of a script, their images and their results.

    images: how many images the lines save, as planned
    lines: how many lines there are
    clock: returns the time in seconds
    loops: whether a line has a loop: `images` counts its images as one, so progress is counted in lines
    reused: lines that an earlier run has completed
    skipped: lines that were left out because their files exist
    cached: completed lines whose results were all cached
    images_failed: images of failed lines, which count as finished although they do not exist
    quarantined: nodes that are not run again, because they crashed a process of their own
    saved: images that were actually saved, including the images of loops
    results, cached_results: results of nodes that can be cached, and how many of these were cached
    limit: the limit that stopped the script, `max_time` or `max_images`, or ""
    """

    images: int
    lines: int
    clock: Callable[[], float]
    loops: bool = False
    done: int = 0
    failed: int = 0
    reused: int = 0
    skipped: int = 0
    cached: int = 0
    images_done: int = 0
    images_reused: int = 0
    images_failed: int = 0
    saved: int = 0
    quarantined: int = 0
    results: int = 0
    cached_results: int = 0
    limit: str = ""
    started: float = field(init=False)
    _line: tuple[int, int] = field(init=False, default=(0, 0))  # results and cached results at the end of the last line

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def seconds(self) -> float:
        """Seconds since the script started."""
        return self.clock() - self.started

    @property
    def images_made(self) -> int:
        """How many of the planned images exist now."""
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
        return self.done + self.failed + self.reused + self.skipped, self.lines

    @property
    def left(self) -> float | None:
        """Estimated seconds left at the pace so far, or None if unknown."""
        finished, total = self.step
        earlier = self.images_reused if self.unit == "image" else self.reused + self.skipped
        return (total - finished) * self.seconds / (finished - earlier) if finished > earlier else None

    def result(self, *, cached: bool) -> None:
        """Count the result of a node that can be cached."""
        self.results += 1
        self.cached_results += cached

    def line(self, images: int, *, failed: bool = False, reused: bool = False, skipped: bool = False) -> None:
        """Count one finished line and its images."""
        done = not (failed or reused or skipped)
        self.failed += failed
        self.reused += reused
        self.skipped += skipped
        self.done += done
        self.images_done += images
        self.images_reused += images if reused or skipped else 0
        self.images_failed += images if failed else 0
        results, cached = self.results - self._line[0], self.cached_results - self._line[1]
        self.cached += done and 0 < results == cached
        self._line = (self.results, self.cached_results)

    def to_json(self) -> dict[str, float | str]:
        """Return the summary as it appears in JSON documents."""
        return {
            "lines": self.lines, "done": self.done, "failed": self.failed, "reused": self.reused,
            "images_done": self.images_made, "seconds": self.seconds, "skipped": self.skipped, "cached": self.cached,
            "results": self.results, "cached_results": self.cached_results, "images": self.saved, "limit": self.limit,
            "quarantined": self.quarantined, "pictures": self.images_made,
        }  # fmt: skip


def summary(tally: Tally) -> str:
    """Return the summary of a script in one line."""
    planned = 0 if tally.loops else tally.images
    parts = [
        f"{tally.done} done",
        f"{tally.failed} failed",
        f"{tally.quarantined} quarantined" if tally.quarantined else "",
        f"{tally.skipped} skipped" if tally.skipped else "",
        f"{tally.reused} already done" if tally.reused else "",
        f"{tally.images_made} of {counted(planned, 'image')}" if planned else "",
        f"{counted(tally.saved, 'image')} saved" if tally.loops and tally.images else "",
        f"{tally.cached_results} of {counted(tally.results, 'result')} cached" if tally.cached_results else "",
        duration(tally.seconds),
    ]
    return ", ".join(part for part in parts if part)
