"""The work of `fit` as a plain function, so that neither pydantic nor a node is imported for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.context import InvocationContext
from invocations.precheck.sizes import fitting
from invocations.services.translate_errors import translated
from invocations.values import ImageRef


def fit_image(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, ImageRef]:
    """Resize an image according to the inputs of `fit`; return its outputs. Raises: ServiceError."""
    image: ImageRef = inputs["image"]
    size = (image.width, image.height)
    width, height = fitting(size, inputs["width"], inputs["height"], context.models.settings(inputs["model"]))
    if (width, height) == size:
        return {"image": image}
    with translated():
        from core.imaging.geometry import resize  # imported on demand: many images have a supported size

        return {"image": context.images.put(resize(context.images.get(image), width, height))}
