"""The rows below all else that are written over: bars, and a picture that forms; as terminal codes.

The cursor waits at the first column of the first row. So whatever a terminal makes of the rows when its size changes,
and whoever writes between, erasing from the cursor on takes all of them away and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .text import cut

CLEAR = "\r\x1b[J"
UNWRAPPED, WRAPPED = "\x1b[?7l", "\x1b[?7h"  # a terminal may be narrower already than it has told
LEAST_PICTURE = 3  # rows, below which nobody sees anything in a picture
SETTLES = (
    0.5  # seconds without a picture after a change of size or a note: a window that is being dragged changes again
)


class Block:
    """What is shown now, and the codes from there to something else."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: list[str] = []
        self._lines: Sequence[str] = ()
        self._picture = ""
        self._settled = 0.0  # from when on a picture may be shown
        self._size = (0, 0)

    def show(self, lines: Sequence[str], picture: str, size: tuple[int, int]) -> str:
        """Return the codes that show a picture over some lines on a terminal of so many columns and rows."""
        before, stays = self._rows, size == self._size
        rows = self._fit(lines, picture, size)
        if stays and len(rows) == len(before):
            return _changed(before, rows)
        return CLEAR + _whole(rows)

    def again(self, size: tuple[int, int]) -> str:
        """Return the codes that show the lines below what was written; the picture follows when it is calm."""
        if not self._rows:
            return ""
        if self._picture:
            self._settled = self._clock() + SETTLES
        rows = self._fit(self._lines, self._picture, size)
        return _whole(rows)

    def _fit(self, lines: Sequence[str], picture: str, size: tuple[int, int]) -> list[str]:
        """Settle the rows; while a window is being dragged few rows are safer than many."""
        if self._rows and size != self._size:
            self._settled = self._clock() + SETTLES
        self._lines, self._picture, self._size = lines, picture, size
        self._rows = fitted(lines, picture.splitlines() if self._clock() >= self._settled else (), size)
        return self._rows

    def clear(self, *, keep: bool = False) -> str:
        """Return the codes that take everything away; keep: it will be shown `again`."""
        codes = CLEAR if self._rows else ""
        self._rows = self._rows if keep else []
        return codes


def fitted(lines: Sequence[str], picture: Sequence[str], size: tuple[int, int]) -> list[str]:
    """Return the rows that a terminal has room for: one stays free, and the lines count more than the picture."""
    columns, room = size[0], max(size[1] - 1, 1)
    if len(lines) > room:
        more = f"and {len(lines) - room + 1} more"
        lines = [*lines[: room - 1], more] if room > 1 else lines[:1]
    shown = [cut(line, columns - 1) for line in lines]
    return [*picture, *shown] if len(picture) + len(shown) <= room else shown


def picture_rows(lines: int, rows: int) -> int:
    """Return the rows that are left for a picture over so many lines, 0 where they are too few."""
    left = rows - 1 - 2 * max(lines, 1)  # in a window that is made narrower each line may take two
    return left if left >= LEAST_PICTURE else 0


def _changed(before: Sequence[str], rows: Sequence[str]) -> str:
    """Return the codes that write over the rows that are others now; nothing moves, whatever the terminal's height."""
    codes = [
        (f"\x1b[{index}B" if index else "") + f"\x1b[2K{row}" for index, row in enumerate(rows) if row != before[index]
    ]
    return UNWRAPPED + "".join(f"\x1b7{code}\x1b8" for code in codes) + WRAPPED if codes else ""


def _whole(rows: Sequence[str]) -> str:
    back = f"\r\x1b[{len(rows) - 1}A" if len(rows) > 1 else "\r"
    return UNWRAPPED + "\n".join(rows) + back + WRAPPED
