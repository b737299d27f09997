"""Small copies of images, as WebP files."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from .modes import eight_bit, has_alpha

QUALITY = 80  # from 0 to 100; artifacts are hardly visible at the sizes of thumbnails
METHOD = 4  # how long the encoder searches, from 0 to 6
REDUCING_GAP = 3.0  # large images are first reduced by whole factors, to no less than three times the final size


def encode_thumbnail(image: Image.Image, side: int) -> bytes:
    """Return a WebP file of an image, reduced so that it fits into a square; smaller images keep their size.

    side: the length of the sides of the square in pixels
    """
    scale = min(1.0, side / max(image.size))
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    small = eight_bit(image)
    if size != image.size:
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    stream = BytesIO()
    small.convert("RGBA" if has_alpha(small) else "RGB").save(stream, "WEBP", quality=QUALITY, method=METHOD)
    return stream.getvalue()
