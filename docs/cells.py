"""Convert a terminal screen captured by tmux (text with color codes) to cells, and draw the cells as an image."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Color = tuple[int, int, int]
GROUND, INK = (30, 30, 30), (212, 212, 212)
SIXTEEN: tuple[Color, ...] = (
    (0, 0, 0), (205, 49, 49), (13, 188, 121), (229, 229, 16),
    (36, 114, 200), (188, 63, 188), (17, 168, 205), (229, 229, 229),
    (102, 102, 102), (241, 76, 76), (35, 209, 139), (245, 245, 67),
    (59, 142, 234), (214, 112, 214), (41, 184, 219), (255, 255, 255),
)  # fmt: skip
FONTS = "DejaVuSansMono", "LiberationMono", "NotoSansMono", "UbuntuMono"
FOLDERS = "/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", str(Path.home() / ".local/share/fonts")
POINTS, MARGIN = 15, 12  # size of the font and margin of the image, in pixels
# Characters that are drawn as rectangles, so that there are no gaps between them.
HALVES = {"▀": (0.0, 0.5), "▄": (0.5, 1.0), "█": (0.0, 1.0)}
SGR = re.compile(r"\x1b\[([0-9;:]*)m|\x1b[()][0-9A-B]|[\x0e\x0f]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One character of the screen, and its style."""

    text: str = " "
    ink: Color | None = None
    ground: Color | None = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False

    @property
    def colors(self) -> tuple[Color, Color]:
        """Return the foreground and background color."""
        ink, ground = self.ink or INK, self.ground or GROUND
        if self.dim:
            ink = tuple((a + b) // 2 for a, b in zip(ink, ground, strict=True))  # type: ignore[assignment]
        return (ground, ink) if self.reverse else (ink, ground)


def read(screen: str) -> list[list[Cell]]:
    """Return the cells of a screen, line by line."""
    lines, look = [], Cell()
    for line in screen.splitlines():
        cells, at = [], 0
        for code in SGR.finditer(line):
            cells += [replace(look, text=letter) for letter in line[at : code.start()]]
            look, at = _changed(look, code.group(1)), code.end()
        lines.append(cells + [replace(look, text=letter) for letter in line[at:]])
    return lines


def _changed(look: Cell, code: str | None) -> Cell:
    """Return the style after an escape code (ECMA-48, SGR)."""
    if code is None:
        return look
    numbers = [int(part or 0) for part in re.split("[;:]", code)]
    while numbers:
        number = numbers.pop(0)
        if number == 0:
            look = Cell()
        elif number in (38, 48):
            look = replace(look, **{"ink" if number == 38 else "ground": _color(numbers)})
        elif number in SWITCHES:
            look = replace(look, **SWITCHES[number])
        elif number // 10 in (3, 4, 9, 10) and number % 10 < 8:
            bright = 8 * (number >= 90)
            look = replace(look, **{"ground" if number // 10 in (4, 10) else "ink": SIXTEEN[number % 10 + bright]})
    return look


SWITCHES: dict[int, dict[str, object]] = {
    1: {"bold": True}, 2: {"dim": True}, 3: {"italic": True}, 4: {"underline": True}, 7: {"reverse": True},
    22: {"bold": False, "dim": False}, 23: {"italic": False}, 24: {"underline": False}, 27: {"reverse": False},
    39: {"ink": None}, 49: {"ground": None},
}  # fmt: skip


def _color(numbers: list[int]) -> Color:
    """Return the color that the numbers in an escape code stand for: a palette index or RGB components."""
    if numbers.pop(0) == 2:
        red, green, blue = numbers.pop(0), numbers.pop(0), numbers.pop(0)
        return red, green, blue
    index = numbers.pop(0)
    if index < 16:
        return SIXTEEN[index]
    if index >= 232:
        return (8 + 10 * (index - 232),) * 3
    steps = (0, 95, 135, 175, 215, 255)
    index -= 16
    return steps[index // 36], steps[index // 6 % 6], steps[index % 6]


def draw(lines: list[list[Cell]], columns: int, cursor: tuple[int, int] | None = None) -> Image.Image:
    """Draw the cells as an image; `cursor` is the column and row at which the cursor is drawn as a block."""
    fonts = {(bold, italic): _font(bold=bold, italic=italic) for bold in (False, True) for italic in (False, True)}
    plain = fonts[False, False]
    wide = round(plain.getlength("M"))
    high = sum(plain.getmetrics()) if isinstance(plain, ImageFont.FreeTypeFont) else 2 * wide
    image = Image.new("RGB", (columns * wide + 2 * MARGIN, len(lines) * high + 2 * MARGIN), GROUND)
    pen = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        for column, cell in enumerate(line[:columns]):
            at = replace(cell, reverse=not cell.reverse) if (column, row) == cursor else cell
            _draw_cell(
                pen, at, (MARGIN + column * wide, MARGIN + row * high, wide, high), fonts[cell.bold, cell.italic]
            )
    if cursor is not None and cursor[1] < len(lines) and cursor[0] >= len(lines[cursor[1]]):
        _draw_cell(pen, Cell(reverse=True), (MARGIN + cursor[0] * wide, MARGIN + cursor[1] * high, wide, high), plain)
    return image


def _draw_cell(pen: ImageDraw.ImageDraw, cell: Cell, box: tuple[int, int, int, int], font: ImageFont.ImageFont) -> None:
    left, top, wide, high = box
    ink, ground = cell.colors
    if ground != GROUND:
        pen.rectangle((left, top, left + wide - 1, top + high - 1), fill=ground)
    if cell.text in HALVES:
        begin, end = HALVES[cell.text]
        pen.rectangle((left, top + round(begin * high), left + wide - 1, top + round(end * high) - 1), fill=ink)
    elif cell.text != " ":
        pen.text((left, top), cell.text, fill=ink, font=font)
    if cell.underline:
        pen.line((left, top + high - 2, left + wide - 1, top + high - 2), fill=ink)


def _font(*, bold: bool, italic: bool) -> ImageFont.ImageFont:
    """Return a monospaced font from this machine, or Pillow's default."""
    style = ("Bold" if bold else "") + ("Oblique" if italic else "")
    for folder in FOLDERS:
        for name in FONTS:
            found = [
                *Path(folder).rglob(f"{name}{'-' + style if style else ''}.ttf"),
                *Path(folder).rglob(f"{name}-Regular.ttf"),
            ]
            if found:
                return ImageFont.truetype(str(found[0]), POINTS)  # type: ignore[return-value]
    return ImageFont.load_default(POINTS)  # type: ignore[return-value]
