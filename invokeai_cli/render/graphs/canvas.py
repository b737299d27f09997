"""Text and lines on a grid of cells; cells record their lines, so that lines can join, cross and be colored."""

from __future__ import annotations

from invokeai_cli.render.text import cells

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
LETTERS = {
    UP: "│", DOWN: "│", UP | DOWN: "│", LEFT: "─", RIGHT: "─", LEFT | RIGHT: "─",
    DOWN | RIGHT: "┌", DOWN | LEFT: "┐", UP | RIGHT: "└", UP | LEFT: "┘",
    UP | DOWN | RIGHT: "├", UP | DOWN | LEFT: "┤", DOWN | LEFT | RIGHT: "┬", UP | LEFT | RIGHT: "┴",
    UP | DOWN | LEFT | RIGHT: "┼",
}  # fmt: skip
PLAIN = str.maketrans("│─┌┐└┘├┤┬┴┼▼→…×", "|-+++++++++v>~x")


class Canvas:
    """A grid that grows downwards and to the right."""

    def __init__(self) -> None:
        self._letters: dict[tuple[int, int], str] = {}
        self._styles: dict[tuple[int, int], str] = {}
        self._lines: dict[tuple[int, int], dict[int, int]] = {}  # cell -> line -> its directions in that cell

    def write(self, x: int, y: int, text: str, style: str = "") -> None:
        """Write text into a row."""
        for char in text:
            self._letters[x, y] = char
            if style:
                self._styles[x, y] = style
            if cells(char) == 2:
                x += 1
                self._letters[x, y] = ""
            x += 1

    def line(self, number: int, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Draw a line between two cells, straight down or to the right; `number` identifies the line."""
        (x, y), (to_x, to_y) = start, end
        step, leaving, coming = ((0, 1), DOWN, UP) if x == to_x else ((1, 0), RIGHT, LEFT)
        while (x, y) != (to_x, to_y):
            self._mark(number, x, y, leaving)
            x, y = x + step[0], y + step[1]
            self._mark(number, x, y, coming)

    def rows(self, *, plain: bool, styles: dict[str, str]) -> list[str]:
        """Return the rows as text, in ASCII if `plain`; `styles` has the terminal codes, none if there is no color."""
        for cell, lines in self._lines.items():
            self._letters.setdefault(cell, _letter(lines))
        ends: dict[int, int] = {}
        for x, y in self._letters:
            ends[y] = max(ends.get(y, 0), x + 1)
        rows = [self._row(y, ends.get(y, 0), styles) for y in range(max(ends, default=-1) + 1)]
        return [row.translate(PLAIN) for row in rows] if plain else rows

    def _row(self, y: int, end: int, styles: dict[str, str]) -> str:
        text, style = "", ""
        for x in range(end):
            now = styles.get(self._styles.get((x, y), ""), "")
            if now != style:
                text += ("\x1b[0m" if style else "") + now
                style = now
            text += self._letters.get((x, y), " ")
        return (text + ("\x1b[0m" if style else "")).rstrip()

    def _mark(self, number: int, x: int, y: int, way: int) -> None:
        lines = self._lines.setdefault((x, y), {})
        lines[number] = lines.get(number, 0) | way


def _letter(lines: dict[int, int]) -> str:
    """Return the character of a cell: where lines cross, the vertical one is drawn and the other interrupted."""
    down = [ways for ways in lines.values() if ways & (UP | DOWN)]
    return LETTERS[(down or list(lines.values()))[0]]
