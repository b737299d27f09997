"""Process the pixels of an image in bands of rows, so that a large image is never in memory twice."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

BAND_PIXELS = 2**20


def bands(image: Image.Image) -> Iterator[Image.Image]:
    """Yield the image in bands of about a megapixel, from top to bottom; a small image is yielded whole."""
    rows = max(BAND_PIXELS // max(image.width, 1), 1)
    if rows >= image.height:
        yield image
        return
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))
