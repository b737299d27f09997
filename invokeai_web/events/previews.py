"""Previews of intermediate images for clients."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from invocations.previews import preview_to_bytes

from .base import Preview

if TYPE_CHECKING:
    from invocations.events import NodeProgress


def preview_of(event: NodeProgress) -> Preview:
    """Return the preview of an event, encoded as WebP; the bus sets its number."""
    from PIL import Image  # imported on demand: few runs are watched

    data = preview_to_bytes(event.preview)
    with Image.open(BytesIO(data)) as shown:
        width, height = shown.size
    return Preview(event.session_id, event.node_id, event.path, 0, event.step, event.of, width, height, data)
