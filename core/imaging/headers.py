"""Read the size of an image file from its header, without decoding pixels or, for a PNG, importing Pillow."""

from __future__ import annotations

import struct
from pathlib import Path

from .chunks import SIGNATURE, read_chunks
from .errors import ImageUnreadable
from .sizes import Size

HEAD_BYTES = 24  # length of the start of a PNG: signature, length and kind of the first chunk, width, height
ORIENTING = ("XML:com.adobe.xmp", "Raw profile type exif")  # keys of PNG text chunks that may contain an orientation
ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)  # the Exif tag, and the values of the tag that swap width and height


def image_size(path: Path, *, name: str = "") -> Size | None:
    """Return width and height in pixels of the upright image, or None for a PNG whose metadata may rotate it.

    Error messages call the file `name`. Raises: ImageUnreadable.
    """
    name = name or str(path)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            if not head.startswith(SIGNATURE) or len(head) < HEAD_BYTES:
                return _with_pillow(path, name)
            file.seek(0)
            chunks = read_chunks(file)
    except OSError as error:
        raise ImageUnreadable(name, (error.strerror or str(error)).lower()) from error
    if chunks is None or chunks.exif or any(key in chunks.texts for key in ORIENTING):
        return None
    width, height = struct.unpack(">II", head[16:])
    return width, height


def _with_pillow(path: Path, name: str) -> Size:
    from PIL import Image, UnidentifiedImageError

    from .files import BROKEN, READ, broken_reason, silent

    try:
        with silent(), Image.open(path, formats=READ) as image:
            width, height = image.size
            turned = image.format != "TIFF" and image.getexif().get(ORIENTATION) in SIDEWAYS
            return (height, width) if turned else (width, height)
    except UnidentifiedImageError as error:
        raise ImageUnreadable(name, f"its format is not one of {', '.join(READ)}") from error
    except BROKEN as error:
        raise ImageUnreadable(name, broken_reason(error)) from error
