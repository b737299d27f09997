"""What `save` does, apart from the node's class: a line that is answered from what is kept saves without pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.context import InvocationContext
from invocations.values import ImageRef

from .base import SaveRequest
from .metadata import texts_of


def save_picture(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, ImageRef]:
    """Write an image as the inputs of `save` say and return its outputs. Raises: SaveFailed, FileExists, ..."""
    image: ImageRef = inputs["image"]
    record = context.record()
    own = {"width": image.width, "height": image.height, "session": context.session_id, "node": context.node_id}
    request = SaveRequest(
        target=inputs["target"],
        format=inputs["format"] or "",
        quality=inputs["quality"],
        overwrite=inputs["overwrite"],
        metadata=texts_of(record) if inputs["metadata"] else {},
        claim=context.claim,
        claimed=context.claimed,
        facts={**record.facts, **own},  # of this image and this place, rather than of the nodes before it
    )
    return {"image": context.images.save(image, request)}
