"""Why a node has no cache key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from invocations.spec import InvocationSpec
from invocations.values import Ref


def unsigned(spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
    """Return a phrase that explains to the user why a node has no cache key."""
    if not spec.reusable:
        return f"`{spec.type}` depends on more than its inputs, so its results are never cached"
    for field in spec.inputs:
        value = inputs.get(field.name, field.default)
        if field.seed and value is None:
            return f"`{field.name}` has no value, so a random one is used each time"
        what = "file" if field.reads_file else {"model": "model", "vae": "VAE"}.get(field.completes)
        if what is not None and value is not None and not isinstance(value, Ref):
            return f"`{field.name}` does not refer to exactly one existing {what}"
    return "the inputs cannot be compared by content"
