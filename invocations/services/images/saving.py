"""The work of `save` as a plain function, so that a line with cached results can save its image without pydantic."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from invocations.context import InvocationContext
from invocations.values import ImageRef

from .base import SaveRequest
from .metadata import texts_of


def save_image(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, ImageRef]:
    """Save an image according to the inputs of `save`; return its outputs. Raises: ServiceError."""
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
        replaces=context.replaces,
        facts={**record.facts, **own},  # facts about this image and this node override the facts of earlier nodes
        stems=tuple([PurePath(file).stem for file in record.files]),
    )
    return {"image": context.images.save(image, request)}
