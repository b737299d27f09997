"""The sizes of images that are resized, scaled, cropped or padded, in pixels. Imports no library."""

from __future__ import annotations

import math
from typing import Literal

from .errors import BadImageInput

Size = tuple[int, int]  # width and height in pixels
Fit = Literal["stretch", "cover", "contain"]
MAX_SIDE = 32768
CELLS = (256, 128, 64, 32)  # cell sizes that an error may suggest, in pixels
MARGIN = 32  # space that an error assumes around such a cell, for gaps and labels, in pixels
MAX_AREA = 2**28  # an image of 16384 x 16384, which takes 800 MB as RGB


def resized(size: Size, width: int | None, height: int | None, *, fit: Fit = "stretch") -> Size:
    """Return the size after `resize`. Raises: BadImageInput, if neither width nor height is passed."""
    if width is None and height is None:
        raise BadImageInput("resize needs a width, a height, or both", "try `resize 512` or `resize --height 512`")
    if width is None or height is None or fit == "contain":
        return contained(size, width, height)
    return width, height


def contained(size: Size, width: int | None, height: int | None) -> Size:
    """Return the largest size with the same aspect ratio within width and height; None means no limit."""
    factors = [limit / side for limit, side in ((width, size[0]), (height, size[1])) if limit is not None]
    return scaled(size, min(factors, default=1.0))


def scaled(size: Size, factor: float) -> Size:
    """Return `factor` times the size, rounded, at least 1 x 1."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def corner(size: Size, left: int | None, top: int | None, width: int, height: int) -> tuple[int, int]:
    """Return the left and top edge of a crop; None centers the crop along that axis. Raises: BadImageInput."""
    if width > size[0] or height > size[1]:
        raise BadImageInput(
            f"cannot crop {width}x{height} from an image of {size[0]}x{size[1]}",
            "`pad` enlarges an image",
        )
    left = (size[0] - width) // 2 if left is None else left
    top = (size[1] - height) // 2 if top is None else top
    if not (0 <= left <= size[0] - width and 0 <= top <= size[1] - height):
        raise BadImageInput(
            f"{width}x{height} at ({left}, {top}) reaches beyond the image of {size[0]}x{size[1]}",
            f"left can be 0 to {size[0] - width}, top 0 to {size[1] - height}",
        )
    return left, top


def sheet_size(count: int, cell: Size, columns: int | None, gap: int, line: int = 0) -> tuple[int, Size]:
    """Return the number of columns and the size of a grid; without `columns`, the grid is about square.

    cell: the size of each image. gap: the space between them. line: the height of a label
    """
    columns = min(columns or math.ceil(math.sqrt(count)), count)
    rows = -(-count // columns)
    return columns, (columns * (cell[0] + gap) + gap, rows * (cell[1] + line + gap) + gap)


def fitted(size: Size, cell: int | None) -> Size:
    """Return the size of an image after scaling it down to fit its cell."""
    longest = max(size)
    if cell is None or longest <= cell:
        return size
    return max(round(size[0] * cell / longest), 1), max(round(size[1] * cell / longest), 1)


def check_sheet(size: Size, cells: int = 1) -> None:
    """Refuse a grid that is too large. cells: the number of its cells, including empty ones. Raises: BadImageInput."""
    if size[0] * size[1] > MAX_AREA:
        side = next((side for side in CELLS if cells * (side + MARGIN) ** 2 <= MAX_AREA), None)
        hint = f"make the images smaller: `--cell {side}`, or `resize` before the grid"
        if side is None:
            hint = "put fewer images in one grid"
        limit = f"{MAX_AREA / 1e6:.0f} megapixels"
        raise BadImageInput(f"the sheet would be {size[0]}x{size[1]}; the limit is {limit}", hint)


def check_labels(labels: int, images: int) -> None:
    """Refuse labels unless there are none or exactly one for each image. Raises: BadImageInput."""
    if labels and labels != images:
        some = f"{labels} label{'s' * (labels != 1)} for {images} image{'s' * (images != 1)}"
        raise BadImageInput(f"there {'is' if labels == 1 else 'are'} {some}", "write a label for each image")


def check_size(size: Size) -> None:
    """Refuse an image that is too large or empty. Raises: BadImageInput."""
    if not all(1 <= side <= MAX_SIDE for side in size) or size[0] * size[1] > MAX_AREA:
        limits = f"each side must be 1 to {MAX_SIDE} pixels, the area at most {MAX_AREA / 1e6:.0f} megapixels"
        raise BadImageInput(f"an image cannot be {size[0]}x{size[1]}: {limits}")


def check_equal(size: Size, other: Size, things: str, done: str) -> None:
    """Refuse two different sizes; the message uses the words `things` (such as images) and `done` (such as blended).

    Raises: BadImageInput.
    """
    if size != other:
        raise BadImageInput(
            f"{things} of {size[0]}x{size[1]} and {other[0]}x{other[1]} cannot be {done}",
            f"`resize {size[0]} {size[1]}` makes both {things} the same size",
        )


def check_mask(mask: Size, image: Size) -> None:
    """Refuse a mask that does not have the size of its image. Raises: BadImageInput."""
    if mask != image:
        raise BadImageInput(
            f"the mask is {mask[0]}x{mask[1]}, but the image is {image[0]}x{image[1]}",
            f"the mask must have the same size as the image: `resize {image[0]} {image[1]}` resizes it",
        )
