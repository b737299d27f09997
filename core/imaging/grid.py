"""Arrange images in a contact sheet: rows and columns, optionally with a label below each image."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw, ImageFont

from .colors import parse_color
from .errors import BadImageInput
from .modes import has_alpha, premultiplied, to_color

MAX_SHEET_PIXELS = 2**28  # 16384 x 16384; in RGB, it takes 805 MB

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
    if labels and len(labels) != len(sizes):
        some = f"{len(labels)} label{'s' * (len(labels) != 1)} for {len(sizes)} image{'s' * (len(sizes) != 1)}"
        raise BadImageInput(f"there {'is' if len(labels) == 1 else 'are'} {some}", "write a label for each image")
    columns = min(columns or math.ceil(math.sqrt(len(sizes))), len(sizes))
    fitted = [_fitted(size, cell) for size in sizes]
    width, height = max(size[0] for size in fitted), max(size[1] for size in fitted)
    font = ImageFont.load_default(max(10, min(24, width // 14)))
    line = math.ceil(font.getbbox("Ag")[3]) + 4 if labels else 0
    background = parse_color(color)
    sheet = _sheet((columns * (width + gap) + gap, -(-len(sizes) // columns) * (height + line + gap) + gap), background)
    draw = ImageDraw.Draw(sheet)
    for place, (image, size) in enumerate(zip(images, fitted, strict=True)):
        left = gap + place % columns * (width + gap)
        top = gap + place // columns * (height + line + gap)
        _lay(sheet, image, size, left + (width - size[0]) // 2, top + (height - size[1]) // 2)
        if place < len(labels):
            _write(draw, labels[place], (left, top + height, width), font, _readable_on(background))
    return sheet


def _fitted(size: Size, cell: int | None) -> Size:
    """Return the size of an image after scaling it down to fit its cell."""
    longest = max(size)
    if cell is None or longest <= cell:
        return size
    return max(round(size[0] * cell / longest), 1), max(round(size[1] * cell / longest), 1)


def _sheet(size: Size, background: tuple[int, int, int, int]) -> Image.Image:
    if size[0] * size[1] > MAX_SHEET_PIXELS:
        hint = "make the images smaller: `--cell 256`, or `resize` before the grid"
        limit = f"{MAX_SHEET_PIXELS / 1e6:.0f} megapixels"
        raise BadImageInput(f"the sheet would be {size[0]}x{size[1]}; the limit is {limit}", hint)
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
