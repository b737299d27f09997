"""Previews of intermediate images for clients."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from .base import Preview

if TYPE_CHECKING:
    from invocations.events import NodeProgress


def preview_of(event: NodeProgress) -> Preview:
    """Return the preview of an event, encoded as WebP; the bus sets its number."""
    image: Any = event.preview
    data = BytesIO()
    image.save(data, "WEBP")
    return Preview(
        event.session_id, event.node_id, event.path, 0, event.step, event.of, image.width, image.height, data.getvalue()
    )
