"""Previews of intermediate images as they are sent: WebP, at most 256 pixels wide or high, encoded once."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_PX: Final = 256
ENCODED: Final = "encoded preview"  # where an image keeps the bytes that it was decoded from


def preview_to_bytes(image: Image) -> bytes:
    """Return a preview as WebP, smaller if it is too large."""
    data = image.info.get(ENCODED)
    if isinstance(data, bytes):
        return data
    shown = image.copy()
    shown.thumbnail((LONGEST_PX, LONGEST_PX))
    stream = BytesIO()
    shown.save(stream, "WEBP")
    return stream.getvalue()


def preview_from_bytes(data: bytes) -> Image:
    """Return the preview that `preview_to_bytes` has encoded; it is not encoded again."""
    from PIL import Image

    image = Image.open(BytesIO(data)).convert("RGB")
    image.info = {ENCODED: data}
    return image
