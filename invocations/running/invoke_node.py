"""Create the node that runs at one iteration path, and invoke it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.errors import DeclarationError

from .base import Catalog
from .context import LocalContext, at_work
from .plain import plain_work

if TYPE_CHECKING:
    from invocations.invocation import Invocation
    from invocations.spec import InvocationSpec


def invoke_node(
    spec: InvocationSpec,
    inputs: Mapping[str, Any],
    context: LocalContext,
    *,
    catalog: Catalog,
    classes: MutableMapping[str, type[Invocation]],
) -> CachedResult:
    """Return the outputs and facts of a node. Raises: whatever the node raises.

    classes: the classes of nodes that are loaded already; a missing one is added.
    """
    plain = plain_work(spec, inputs)
    token = at_work.set(context)
    try:
        if plain is not None:
            work, whole = plain
            return CachedResult(dict(work(context, whole)), context.facts)
        cls = classes.get(spec.type)
        if cls is None:
            cls = classes[spec.type] = catalog.load(spec.type)
        outputs = cls(**inputs).invoke(context)
    finally:
        at_work.reset(token)
    found = dict(getattr(outputs, "__dict__", ()))
    if found.keys() != {field.name for field in spec.outputs}:
        raise DeclarationError(
            cls.__qualname__, f"`invoke` returned {outputs!r}, which does not match its return annotation"
        )
    return CachedResult(found, context.facts)
