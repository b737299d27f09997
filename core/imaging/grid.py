"""Arrange images in a contact sheet: rows and columns, optionally with a label below each image."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageFont

from .colors import parse_color
from .errors import BadImageInput
from .modes import has_alpha, premultiplied, to_color
from .sizes import check_labels, check_sheet, fitted, sheet_size

Size = tuple[int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(
    images: Iterable[Image.Image],
    *,
    sizes: Sequence[Size] = (),
    columns: int | None = None,
    labels: Sequence[str] = (),
    gap: int = 4,
    color: str = "white",
    cell: int | None = None,
) -> Image.Image:
    """Arrange images in cells the size of the largest image; without `columns`, the grid is about square.

    sizes: the sizes of the images (default: taken from the images); if passed, an image is read only when it is placed
    cell: the longest side of a cell; larger images are scaled down to fit
    Raises: BadImageInput; if `sizes` is passed, before any image is read.
    """
    if not sizes:
        images = list(images)
        sizes = [image.size for image in images]
    if not sizes:
        raise BadImageInput("a grid needs at least one image")
    check_labels(len(labels), len(sizes))
    cells = [fitted(size, cell) for size in sizes]
    width, height = max(size[0] for size in cells), max(size[1] for size in cells)
    font = ImageFont.load_default(max(10, min(24, width // 14)))
    line = math.ceil(font.getbbox("Ag")[3]) + 4 if labels else 0
    background = parse_color(color)
    columns, whole = sheet_size(len(sizes), (width, height), columns, gap, line)
    sheet = _sheet(whole, background)
    draw = ImageDraw.Draw(sheet)
    for place, (image, size) in enumerate(zip(images, cells, strict=True)):
        left = gap + place % columns * (width + gap)
        top = gap + place // columns * (height + line + gap)
        _lay(sheet, image, size, left + (width - size[0]) // 2, top + (height - size[1]) // 2)
        if place < len(labels):
            _write(draw, labels[place], (left, top + height, width), font, _readable_on(background))
    return sheet


def _sheet(size: Size, background: tuple[int, int, int, int]) -> Image.Image:
    check_sheet(size)
    mode = "RGBA" if background[3] < 255 else "RGB"
    return Image.new(mode, size, background if mode == "RGBA" else background[:3])


def _lay(sheet: Image.Image, image: Image.Image, size: Size, left: int, top: int) -> None:
    colored = to_color(image)
    if colored.size != size:
        colored = premultiplied(colored, lambda whole: whole.resize(size, Image.Resampling.LANCZOS))
    if not has_alpha(colored):
        sheet.paste(colored, (left, top))
    elif sheet.mode == "RGBA":
        sheet.alpha_composite(colored, (left, top))
    else:
        sheet.paste(colored, (left, top), colored)


def _write(
    draw: ImageDraw.ImageDraw, text: str, place: tuple[int, int, int], font: Font, ink: tuple[int, int, int]
) -> None:
    """Draw one line of text centered below a cell (left, top, width), truncated if it is too long."""
    left, top, width = place
    line = " ".join(text.split())
    if draw.textlength(line, font) > width:
        while line and draw.textlength(line + "...", font) > width:
            line = line[:-1]
        line += "..."
    draw.text((left + (width - draw.textlength(line, font)) / 2, top + 1), line, fill=ink, font=font)


def _readable_on(color: tuple[int, int, int, int]) -> tuple[int, int, int]:
    red, green, blue, alpha = color
    dark = alpha > 127 and 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128
    return (255, 255, 255) if dark else (0, 0, 0)
