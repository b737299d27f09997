"""The work of `load` and `show` as plain functions, so that neither pydantic nor a node is imported for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.context import InvocationContext
from invocations.values import ImageRef

from .base import MAKINGS


def load_images(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Load the images that match the inputs of `load`; return its outputs. Raises: ServiceError."""
    source: str = inputs["source"]
    found = context.images.load(source, allow_url=inputs["allow_url"], keep_unreadable=context.items_are_separate)
    if makings := context.images.makings(found):
        context.fact(MAKINGS, makings)
    if len(found) > 1:
        context.log(f"{len(found)} images match `{source}`; `image` is the first, `collection` is the list of all")
    return {"image": found[0], "collection": found}


def show_image(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, ImageRef]:
    """Return the outputs of `show`; whoever reads the results of the line shows the image."""
    return {"image": inputs["image"]}
