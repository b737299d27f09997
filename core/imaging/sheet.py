"""A sheet of equal cells that images, crosses and labels are drawn on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw

from .colors import RGBA, parse_color
from .fonts import Font, font_of, size_for
from .labels import Box, line_height, readable_on, width_of, write
from .modes import has_alpha, premultiplied, to_color
from .sizes import Size, check_sheet

Content = Image.Image | str | None  # an image, the word in a crossed cell, or None for an empty cell
FILL, LINE = 0.12, 0.4  # how strongly a crossed cell and its lines contrast with the background, from 0 to 1


class Sheet:
    """Cells of `room` pixels, row by row, with a gap around each.

    whole: the size of the sheet in pixels. left, top: the space for labels at the edges. below: the space for labels
    under each cell
    Raises: BadImageInput, if the sheet would be too large.
    """

    def __init__(
        self,
        whole: Size,
        columns: int,
        room: Size,
        *,
        gap: int,
        color: str,
        left: int = 0,
        top: int = 0,
        below: int = 0,
    ) -> None:
        check_sheet(whole, columns * max(1, whole[1] // (room[1] + below + gap)))
        self._columns, self._room, self._gap = columns, room, gap
        self._left, self._top, self._below = left, top, below
        self._background = parse_color(color)
        mode = "RGBA" if self._background[3] < 255 else "RGB"
        self.image = Image.new(mode, whole, self._background if mode == "RGBA" else self._background[:3])
        self._draw = ImageDraw.Draw(self.image)
        self.ink = readable_on(self._background)

    def box(self, place: int) -> Box:
        """Return the box of a cell."""
        row, column = divmod(place, self._columns)
        width, height = self._room
        left = self._left + self._gap + column * (width + self._gap)
        return left, self._top + self._gap + row * (height + self._below + self._gap), width, height

    def fill(self, contents: Iterable[Content], sizes: Sequence[Size]) -> None:
        """Draw the contents of all cells; an image is scaled to its size in `sizes` and centered in its cell."""
        for place, (content, size) in enumerate(zip(contents, sizes, strict=True)):
            if isinstance(content, str):
                self._cross(self.box(place), content)
            elif content is not None:
                self._lay(self.box(place), content, size)

    def write(self, lines: list[str], box: Box, font: Font, *, right: bool = False) -> None:
        """Draw lines of text in a box."""
        write(self._draw, lines, box, font, self.ink, right=right)

    def _lay(self, box: Box, image: Image.Image, size: Size) -> None:
        left, top = box[0] + (box[2] - size[0]) // 2, box[1] + (box[3] - size[1]) // 2
        colored = to_color(image)
        if colored.size != size:
            colored = premultiplied(colored, lambda whole: whole.resize(size, Image.Resampling.LANCZOS))
        if not has_alpha(colored):
            self.image.paste(colored, (left, top))
        elif self.image.mode == "RGBA":
            self.image.alpha_composite(colored, (left, top))
        else:
            self.image.paste(colored, (left, top), colored)

    def _cross(self, box: Box, word: str) -> None:
        """Draw a crossed cell, with a word in the middle if the cell has room for it."""
        left, top, width, height = box
        right, bottom = left + width - 1, top + height - 1
        fill, line = self._shade(FILL), self._shade(LINE)
        thick = max(1, min(width, height) // 64)
        self._draw.rectangle((left, top, right, bottom), fill=fill, outline=line, width=thick)
        self._draw.line((left, top, right, bottom), fill=line, width=thick)
        self._draw.line((left, bottom, right, top), fill=line, width=thick)
        font = font_of(size_for(width))
        wide, high = width_of(word, font) + 8, line_height(font)
        if wide <= width and high <= height:
            middle = (left + (width - wide) // 2, top + (height - high) // 2, wide, high)
            self._draw.rectangle((*middle[:2], middle[0] + wide - 1, middle[1] + high - 1), fill=fill)
            self.write([word], middle, font)

    def _shade(self, strength: float) -> tuple[int, ...]:
        """Return a mix of the background color (`strength` 0) and the color of the labels (1)."""
        base: RGBA = self._background if self._background[3] > 127 else (255, 255, 255, 255)
        mixed = tuple(round(a + (b - a) * strength) for a, b in zip(base[:3], self.ink, strict=True))
        return (*mixed, 255) if self.image.mode == "RGBA" else mixed
