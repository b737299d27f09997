"""Arrange images in rows and columns, with labels below the images or at the edges of the sheet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PIL import Image

from .edges import Edges, margins, write_edges
from .errors import BadImageInput
from .fonts import size_for, undrawable
from .labels import laid_out, line_height
from .sheet import Content, Sheet
from .sizes import Size, check_labels, fitted, sheet_size

EMPTY: Size = (0, 0)  # the size of a cell without an image
NO_EDGES = Edges()
ONLY_HOLES = 256  # the side of the cells in pixels, if a sheet has no images


def contact_sheet(
    images: Iterable[Content],
    *,
    sizes: Sequence[Size] = (),
    columns: int | None = None,
    labels: Sequence[str] = (),
    edges: Edges = NO_EDGES,
    room: Size | None = None,
    gap: int = 4,
    color: str = "white",
    cell: int | None = None,
) -> Image.Image:
    """Arrange images in cells the size of the largest image; without `columns`, the grid is about square.

    images: for each cell, an image, a string (drawn in a crossed cell), or None (the cell stays empty)
    sizes: the sizes of the images, EMPTY for a cell without an image (default: taken from the images); if `sizes` is
    passed, an image is read only when it is placed
    labels: the labels below the images
    room: the size of a cell (default: the size that all images fit into)
    cell: the longest side of a cell; larger images are scaled down to fit
    Raises: BadImageInput; if `sizes` is passed, before any image is read.
    """
    if not sizes:
        images = list(images)
        sizes = [image.size if isinstance(image, Image.Image) else EMPTY for image in images]
    if not sizes:
        raise BadImageInput("a grid needs at least one image")
    check_labels(len(labels), len(sizes))
    room = room or room_for(sizes, cell)
    texts = laid_out(labels, room[0], size_for(room[0]))
    below = max(texts.height, line_height(texts.font)) if labels else 0
    columns, (width, height) = sheet_size(len(sizes), room, columns, gap, below)
    found = margins(edges, room, width - 2 * gap)
    sheet = Sheet(
        (width + found.left, height + found.top), columns, room,
        gap=gap, color=color, left=found.left, top=found.top, below=below,
    )  # fmt: skip
    sheet.fill(images, [fitted(size, cell) for size in sizes])
    write_edges(sheet, found, gap, columns)
    for place, text in enumerate(texts.texts):
        left, top, across, down = sheet.box(place)
        sheet.write(text, (left, top + down, across, line_height(texts.font) * len(text)), texts.font)
    return sheet.image


def missing_characters(labels: Sequence[str], edges: Edges) -> str:
    """Return the characters of labels that are drawn as boxes, because no installed font has them."""
    every = (labels, [edges.title], edges.rows, edges.columns)
    return "".join(dict.fromkeys(each for texts in every for each in undrawable(texts)))


def room_for(sizes: Iterable[Size], cell: int | None) -> Size:
    """Return the size of the cells that all images fit into after they are scaled down to `cell`."""
    fits = [fitted(size, cell) for size in sizes if size != EMPTY]
    side = cell or ONLY_HOLES
    return max((size[0] for size in fits), default=side), max((size[1] for size in fits), default=side)
