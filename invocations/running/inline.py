"""Perform one step: create the node, run it, and report its result or why it failed. Any worker does this."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from invocations.cache.base import CachedResult
from invocations.cache.keys import BUILT_IN
from invocations.context import Services
from invocations.errors import Cancelled, DeclarationError, InvocationError
from invocations.events import NodeError
from invocations.spec import InvocationSpec

from .base import Catalog
from .context import SLICED, StepContext, at_work
from .meter import NOTHING, Meter, Used
from .plain import plain_work

if TYPE_CHECKING:
    from invocations.invocation import Invocation, Output

Inputs = Mapping[str, Any]
Made = tuple[CachedResult, Used] | NodeError  # what a step results in
Classes = MutableMapping[str, "type[Invocation]"]  # the node classes that are already loaded; missing ones are added
DOES_NOT_FIT = "does_not_fit"  # code of the error for a model that is larger than the memory that is free
FREED = "an idle engine has freed its memory: running the node again"
NO_MEMORY = "out of memory: unloading models and running the node again, in slices if possible"


def perform(
    spec: InvocationSpec,
    inputs: Mapping[str, Any],
    context: StepContext,
    *,
    services: Services,
    catalog: Catalog,
    classes: Classes,
    measured: bool,
) -> Made:
    """Run a node and return its result and the memory it used, or why it failed. Raises: Cancelled.

    measured: whether to measure the memory, which takes longer than a node on plain values
    """
    meter = Meter() if measured else None
    try:
        found: CachedResult | NodeError | None = _invoked(spec, inputs, context, catalog, classes)
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:  # a node may come from a plug-in, so any of them is a failure of the node
        from .failures import describe, ran_out_of_memory  # imported on demand, here and below: few nodes fail

        found = None if ran_out_of_memory(error) else describe(error, inputs)
    if found is None:  # the memory that the error and its frames hold is only released after the except block
        found = _with_less_memory(spec, inputs, context, services, catalog, classes)
    if isinstance(found, NodeError) and found.code == DOES_NOT_FIT and services.free():
        context.log(FREED)
        found = _invoked_again(spec, inputs, context, catalog, classes)
    if isinstance(found, NodeError):
        return found
    if meter is None:
        return found, NOTHING
    used = meter.read(context.load_seconds)
    if SLICED not in found.facts:
        services.measured(spec.type, inputs, found.outputs, peak_bytes=used.peak, device_bytes=used.device)
    return found, used


def perform_and_store(
    spec: InvocationSpec,
    inputs: Mapping[str, Any],
    context: StepContext,
    *,
    services: Services,
    catalog: Catalog,
    classes: Classes,
) -> Made:
    """Run a node as `perform` does, and finish its pending writes, so that another process can read its results."""
    made = perform(spec, inputs, context, services=services, catalog=catalog, classes=classes, measured=True)
    return stored(services, made, inputs)


def stored(services: Services, made: Made, inputs: Inputs) -> Made:
    """Finish the pending writes of a node; return its result, or why writing failed."""
    try:
        services.flush()
    except InvocationError as error:
        from .failures import describe

        return describe(error, inputs)
    return made


def _with_less_memory(
    spec: InvocationSpec,
    inputs: Mapping[str, Any],
    context: StepContext,
    services: Services,
    catalog: Catalog,
    classes: Classes,
) -> CachedResult | NodeError:
    """Unload all models and run a node again in slices.

    A sliced result may differ in the last bits. The session records it with a fact that marks it as sliced, but it is
    not cached, so that the same line returns the usual image when there is more memory. Nodes that use the sliced
    result are cached as usual, by the content of their inputs.
    """
    services.free()
    context.run_again_with_low_memory(NO_MEMORY)
    return _invoked_again(spec, inputs, context, catalog, classes)


def _invoked_again(
    spec: InvocationSpec, inputs: Mapping[str, Any], context: StepContext, catalog: Catalog, classes: Classes
) -> CachedResult | NodeError:
    """Return the outputs and facts of a node, or why it failed. Raises: Cancelled."""
    try:
        return _invoked(spec, inputs, context, catalog, classes)
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:  # as in `perform`
        from .failures import describe

        return describe(error, inputs)


def _invoked(
    spec: InvocationSpec, inputs: Mapping[str, Any], context: StepContext, catalog: Catalog, classes: Classes
) -> CachedResult:
    """Return the outputs and facts of a node. Raises: whatever the node raises."""
    plain = plain_work(spec, inputs)
    token = at_work.set(context)
    try:
        if plain is not None:
            work, whole = plain
            return CachedResult(dict(work(context, whole)), context.facts)
        cls = classes.get(spec.type)
        if cls is None:
            cls = classes[spec.type] = class_of(spec, catalog, context)
        outputs = cls(**inputs).invoke(context)
    finally:
        at_work.reset(token)
    return result_of(cls, spec, outputs, context)


def result_of(cls: type[Invocation], spec: InvocationSpec, outputs: Output, context: StepContext) -> CachedResult:
    """Return what a node has returned as a result. Raises: DeclarationError."""
    found = dict(getattr(outputs, "__dict__", ()))
    if found.keys() != {field.name for field in spec.outputs}:
        raise DeclarationError(
            cls.__qualname__, f"`invoke` returned {outputs!r}, which does not match its return annotation"
        )
    return CachedResult(found, context.facts)


def class_of(spec: InvocationSpec, catalog: Catalog, context: StepContext) -> type[Invocation]:
    """Import the class of a node, which may take seconds if a plug-in imports large libraries. Raises: Cancelled."""
    if spec.origin == BUILT_IN:
        return catalog.load(spec.type)
    from core.stopping import in_background  # imported on demand: few lines use plug-ins
    from invocations.services.translate_errors import translated

    with translated():
        return in_background(lambda: catalog.load(spec.type), context.cancelled)
