"""Arrange images in a contact sheet: rows and columns, optionally with a label below each image."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from .colors import parse_color
from .errors import BadImageInput
from .modes import has_alpha, to_color

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
MAX_AREA = 2**27  # 134 million pixels: 400 MB as RGB


def contact_sheet(
    images: Sequence[Image.Image],
    *,
    columns: int | None = None,
    labels: Sequence[str] = (),
    gap: int = 4,
    color: str = "white",
) -> Image.Image:
    """Arrange images in cells the size of the largest image; without `columns`, the grid is about square."""
    if not images:
        raise BadImageInput("a grid needs at least one image")
    if len(labels) > len(images):
        raise BadImageInput(f"there are {len(labels)} labels for {len(images)} images")
    columns = min(columns or math.ceil(math.sqrt(len(images))), len(images))
    width, height = max(image.width for image in images), max(image.height for image in images)
    font = ImageFont.load_default(max(10, min(24, width // 14)))
    line = math.ceil(font.getbbox("Ag")[3]) + 4 if labels else 0
    rows = math.ceil(len(images) / columns)
    size = (columns * (width + gap) + gap, rows * (height + line + gap) + gap)
    if size[0] * size[1] > MAX_AREA:
        raise BadImageInput(f"the sheet would be {size[0]}x{size[1]}", "make the images smaller with `resize` first")
    background = parse_color(color)
    mode = "RGBA" if background[3] < 255 else "RGB"
    sheet = Image.new(mode, size, background if mode == "RGBA" else background[:3])
    draw = ImageDraw.Draw(sheet)
    for place, image in enumerate(images):
        left = gap + place % columns * (width + gap)
        top = gap + place // columns * (height + line + gap)
        _lay(sheet, image, left + (width - image.width) // 2, top + (height - image.height) // 2)
        if place < len(labels):
            _write(draw, labels[place], (left, top + height, width), font, _readable_on(background))
    return sheet


def _lay(sheet: Image.Image, image: Image.Image, left: int, top: int) -> None:
    colored = to_color(image)
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
