"""Previews of intermediate images for clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.previews import preview_to_bytes

from .base import Preview

if TYPE_CHECKING:
    from invocations.events import NodeProgress


def preview_of(event: NodeProgress) -> Preview:
    """Return the preview of an event, encoded as WebP; the bus sets its number."""
    image: Any = event.preview
    data = preview_to_bytes(image)
    return Preview(
        event.session_id, event.node_id, event.path, 0, event.step, event.of, image.width, image.height, data
    )
