"""Previews of intermediate images as they are sent: WebP, at most 256 pixels wide or high, encoded once."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from .events import NodeProgress

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


def preview_message(event: NodeProgress) -> tuple[dict[str, Any], bytes] | None:
    """Return the preview of an event for a client, as JSON data and WebP, or None if it has none.

    width, height: the size in pixels at which the preview was made
    """
    if event.preview is None:
        return None
    data = {"session": event.session_id, "node": event.node_id, "path": [*event.path], "step": event.step}
    width, height = event.preview.size
    return {**data, "of": event.of, "width": width, "height": height}, preview_to_bytes(event.preview)
