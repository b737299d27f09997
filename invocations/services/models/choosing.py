"""The work of the node that chooses a model, as a function, so that neither pydantic nor a node is imported for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from invocations.context import InvocationContext


def choose_model(context: InvocationContext, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the model with this name. Raises: ServiceError."""
    model = context.models.find(inputs["name"])
    context.fact("model", model.model)
    borrowed = context.models.settings(model).borrowed
    if borrowed:
        from .borrowed import BORROWED, borrowed_text  # imported on demand: few models borrow parts

        context.fact(BORROWED, borrowed_text(borrowed))
    return {"model": model}
