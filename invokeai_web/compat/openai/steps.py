"""Turn a request of OpenAI's image API into steps of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_web.compat.built_line import model_named
from workflows.importers.parameters import ImportedMask, ImportedStep

from .errors import OpenAiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.importers.parameters import Value
    from workflows.workspace import Workspace

    from .requests import ImageRequest


def generation_steps(workspace: Workspace, request: ImageRequest, seed: int) -> list[ImportedStep]:
    """Return the step that generates images. Raises: OpenAiError."""
    return [ImportedStep("t2i", {**_values(workspace, request, seed), **_size(workspace, request)})]


def edit_steps(workspace: Workspace, request: ImageRequest, seed: int, image: str, mask: str) -> list[ImportedStep]:
    """Return the steps that edit an image, in whose mask transparent areas are to change. Raises: OpenAiError.

    image, mask: names on the shelf; without a mask, the whole image changes
    """
    values = _values(workspace, request, seed)
    if request.strength is not None:
        values["strength"] = request.strength
    made = ImportedMask(mask).then("mask-from-alpha") if mask else None
    size = {} if mask else _size(workspace, request)
    return [ImportedStep("load", {"source": image}), ImportedStep("i2i", {**values, **size}, made)]


def fitted(side: int, multiple: int) -> int:
    """Return the multiple that is nearest to a side in pixels, at least one."""
    return max((2 * side + multiple) // (2 * multiple), 1) * multiple


def _values(workspace: Workspace, request: ImageRequest, seed: int) -> dict[str, Value]:
    given: Mapping[str, Value | None] = {
        "prompt": request.prompt,
        "negative": request.negative_prompt or None,
        "model": _model(workspace, request),
        "steps": request.steps,
        "guidance": request.guidance,
        "seed": seed,
    }
    return {name: value for name, value in given.items() if value is not None}


def _model(workspace: Workspace, request: ImageRequest) -> str | None:
    """Return the model to use, or None for the default. Raises: OpenAiError."""
    if not request.model or request.names_own_model:
        return None
    found = model_named(workspace, request.model)
    if found is None:
        message = f"The model `{request.model}` does not exist; GET /v1/models lists the models."
        raise OpenAiError(404, message, "model_not_found", "model")
    return found


def _size(workspace: Workspace, request: ImageRequest) -> dict[str, Value]:
    """Return width and height, rounded to what the model supports; nothing if the model decides."""
    if request.sides is None:
        return {}
    settings = workspace.check_value.settings(_model(workspace, request) or "default")
    multiple = settings.multiple if settings is not None else 8
    width, height = (fitted(side, multiple) for side in request.sides)
    return {"width": width, "height": height}
