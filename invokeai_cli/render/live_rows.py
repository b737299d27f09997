"""The terminal codes for the live rows at the bottom of the screen: bars with a preview above them, redrawn in place.

rich draws the bars, but rich.live does not place them: it leaves the cursor after the last row and counts rows upwards
from there, so it erases too few or too many rows if a resized terminal wraps or drops rows. Here the cursor stays
at the first column of the first row, so erasing from the cursor removes all live rows and nothing else. A preview
is too large to redraw each time, so only changed rows are written. A row with text is never scrolled, because the
terminal may already be smaller than it has reported, and text that scrolls off the top cannot be removed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

# Erases from the cursor in two steps, because tmux adds a screen that is erased in one step to its history.
CLEAR = "\r\x1b[2K\x1b[C\x1b[J\r"
# turn wrapping off and on, because the terminal may already be narrower than it has reported
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
DOWN = "\x1b[B"  # moves the cursor down; unlike a newline, it never scrolls
MIN_PREVIEW = 3  # minimum height in rows; a smaller preview is not recognizable
# seconds without a preview after a resize or a note, because a window that is being resized changes again soon
CALM_S = 0.5


class LiveRows:
    """Remembers the live rows on the screen, and returns the terminal codes that change them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._shown: list[str] = []
        self._rows: Sequence[str] = ()
        self._preview = self._unit = ""
        self._calm_at = 0.0  # time from which a preview may be shown
        self._size = (0, 0)

    def show(self, rows: Sequence[str], preview: str, size: tuple[int, int], unit: str = "") -> str:
        """Return the terminal codes that show rows below a preview on a terminal of this size.

        unit: what the last rows show, as in `and 5 more workers` if they do not fit
        """
        before, same_size = self._shown, size == self._size
        self._unit = unit
        shown = self._fit(rows, preview, size)
        if same_size and len(shown) == len(before):
            return _changes(before, shown)
        return CLEAR + _all(shown)

    def again(self, size: tuple[int, int]) -> str:
        """Return the terminal codes that show the rows below newly written text; the preview is shown again later."""
        if not self._shown:
            return ""
        if self._preview:
            self._calm_at = self._clock() + CALM_S
        return _all(self._fit(self._rows, self._preview, size))

    def clear(self, *, keep: bool = False) -> str:
        """Return the terminal codes that remove all live rows; with `keep`, the method `again` can show them later."""
        codes = CLEAR if self._shown else ""
        self._shown = self._shown if keep else []
        return codes

    def _fit(self, rows: Sequence[str], preview: str, size: tuple[int, int]) -> list[str]:
        if self._shown and size != self._size:
            self._calm_at = self._clock() + CALM_S
        self._rows, self._preview, self._size = rows, preview, size
        self._shown = fitted(rows, preview.splitlines() if self._clock() >= self._calm_at else (), size[1], self._unit)
        return self._shown


def fitted(rows: Sequence[str], preview: Sequence[str], height: int, unit: str = "") -> list[str]:
    """Return the rows that fit on a terminal: one row stays free, and bars take precedence over the preview."""
    room = max(height - 1, 1)
    if len(rows) > room:
        more = f"and {len(rows) - room + 1} more {unit}".rstrip()
        rows = [*rows[: room - 1], more] if room > 1 else rows[:1]
    return [*preview, *rows] if len(preview) + len(rows) <= room else [*rows]


def preview_rows(rows: int, height: int) -> int:
    """Return the number of rows left for a preview above the bars, or 0 if there are too few."""
    left = height - 1 - 2 * max(rows, 1)  # a row may wrap into two after the window gets narrower
    return left if left >= MIN_PREVIEW else 0


def _changes(before: Sequence[str], rows: Sequence[str]) -> str:
    """Return the terminal codes that overwrite the changed rows without scrolling, whatever the terminal's height."""
    codes = [
        (f"\x1b[{index}B" if index else "") + f"\x1b[2K{row}" for index, row in enumerate(rows) if row != before[index]
    ]
    return NO_WRAP + "".join(f"\x1b7{code}\x1b8" for code in codes) + WRAP if codes else ""


def _all(rows: Sequence[str]) -> str:
    """Return the terminal codes that make room by scrolling empty rows, write the rows there, and move back."""
    back = f"\r\x1b[{len(rows) - 1}A" if len(rows) > 1 else "\r"
    room = "\n" * (len(rows) - 1) + back if len(rows) > 1 else ""
    return room + NO_WRAP + f"\r{DOWN}".join(rows) + back + WRAP
