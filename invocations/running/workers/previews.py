"""Previews of intermediate images as text that a worker can send: WebP in base64, at most 256 pixels wide or high."""

from __future__ import annotations

from base64 import b64decode, b64encode
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

LONGEST_PX = 256


def preview_to_text(image: Image) -> str:
    """Return a preview as text, smaller if it is too large."""
    shown = image.copy()
    shown.thumbnail((LONGEST_PX, LONGEST_PX))
    data = BytesIO()
    shown.save(data, "WEBP")
    return b64encode(data.getvalue()).decode("ascii")


def preview_from_text(text: str) -> Image:
    """Return the preview that `preview_to_text` has encoded."""
    from PIL import Image

    return Image.open(BytesIO(b64decode(text))).convert("RGB")
