"""Text and lines on a grid of cells. Each cell records its lines, so that lines can join, cross and be colored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from workflows.shown_text import cells

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
LETTERS = {
    UP: "│", DOWN: "│", UP | DOWN: "│", LEFT: "─", RIGHT: "─", LEFT | RIGHT: "─",
    DOWN | RIGHT: "┌", DOWN | LEFT: "┐", UP | RIGHT: "└", UP | LEFT: "┘",
    UP | DOWN | RIGHT: "├", UP | DOWN | LEFT: "┤", DOWN | LEFT | RIGHT: "┬", UP | LEFT | RIGHT: "┴",
    UP | DOWN | LEFT | RIGHT: "┼",
}  # fmt: skip
PLAIN = str.maketrans("│─┌┐└┘├┤┬┴┼▼→…×", "|-+++++++++v>~x")


@dataclass(slots=True)
class _Row:
    """A row of cells: all their characters, and the styles of the styled cells."""

    letters: list[str] = field(default_factory=list)
    styles: dict[int, str] = field(default_factory=dict)

    def write(self, x: int, letters: Sequence[str]) -> None:
        """Replace the characters from the given column onward."""
        self.letters += " " * (x - len(self.letters))
        self.letters[x : x + len(letters)] = letters

    def text(self, codes: Mapping[str, str]) -> str:
        """Return the row as text, with the terminal codes of its styles."""
        if not codes or not self.styles:
            return "".join(self.letters).rstrip()
        text, now = "", ""
        for x, letter in enumerate(self.letters):
            code = codes.get(self.styles.get(x, ""), "")
            text += ("\x1b[0m" * bool(now) + code if code != now else "") + letter
            now = code
        return (text + "\x1b[0m" * bool(now)).rstrip()


class Canvas:
    """A grid that grows downwards and to the right."""

    def __init__(self) -> None:
        self._rows: list[_Row] = []
        self._lines: dict[tuple[int, int], dict[int, int]] = {}  # cell -> line -> directions of the line in the cell

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write text into a row."""
        letters = list(text)
        if not text.isascii():
            letters = [part for char in text for part in ((char, "") if cells(char) == 2 else (char,))]
        row = self._row(y)
        row.write(x, letters)
        if style:
            row.styles.update(dict.fromkeys(range(x, x + len(letters)), style))

    def line(self, number: int, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Draw a line between two cells, straight down or to the right; `number` identifies the line."""
        (x, y), (to_x, to_y) = start, end
        step, leaving, coming = ((0, 1), DOWN, UP) if x == to_x else ((1, 0), RIGHT, LEFT)
        while (x, y) != (to_x, to_y):
            self._mark(number, x, y, leaving)
            x, y = x + step[0], y + step[1]
            self._mark(number, x, y, coming)

    def rows(self, *, plain: bool, styles: dict[str, str]) -> list[str]:
        """Return the rows as text, in ASCII if `plain`; `styles` maps styles to terminal codes (empty: no color)."""
        for (x, y), lines in self._lines.items():
            row = self._row(y)
            if row.letters[x : x + 1] in ([], [" "]):
                row.write(x, [_letter(lines)])
        rows = [row.text(styles) for row in self._rows]
        return [row.translate(PLAIN) for row in rows] if plain else rows

    def _row(self, y: int) -> _Row:
        while len(self._rows) <= y:
            self._rows.append(_Row())
        return self._rows[y]

    def _mark(self, number: int, x: int, y: int, way: int) -> None:
        lines = self._lines.setdefault((x, y), {})
        lines[number] = lines.get(number, 0) | way


def _letter(lines: dict[int, int]) -> str:
    """Return the character of a cell; where lines cross, the vertical line is drawn and interrupts the other."""
    down = [ways for ways in lines.values() if ways & (UP | DOWN)]
    return LETTERS[(down or list(lines.values()))[0]]
