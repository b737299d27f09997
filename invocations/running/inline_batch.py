"""Perform the steps of a batch at once, in this process or in a worker; `inline` performs a single step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, NamedTuple

from invocations.cache.base import CachedResult
from invocations.catalog.modules import is_exit_signal
from invocations.context import Services
from invocations.errors import Cancelled, DeclarationError, InvocationError
from invocations.spec import InvocationSpec
from invocations.values import ModelRef

from .base import Catalog
from .context import StepContext, at_work
from .failures import ran_out_of_memory
from .inline import Inputs, class_of, result_of
from .meter import Meter, Used

BATCH: Final = "batch"  # name of the fact that states how many nodes ran at once

Step = tuple[Inputs, StepContext]  # the inputs of a node, and the context in which it runs


class BatchPart(NamedTuple):
    """What became of one step of a batch: without a result, it has to run alone.

    seconds: its share of the time. most: how many steps can run at once, if memory ran out for more; otherwise 0
    """

    number: int
    made: tuple[CachedResult, Used] | None = None
    seconds: float = 0.0
    most: int = 0


def perform_batch(
    spec: InvocationSpec,
    steps: Sequence[Step],
    services: Services,
    catalog: Catalog,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[BatchPart]:
    """Run steps at once; if memory runs out, half as many, and after any other error not at all. Raises: Cancelled."""
    place, size, most = 0, len(steps), 0
    while place < len(steps):
        part, started = steps[place : place + size], clock()
        made = [] if len(part) == 1 else _tried(spec, part, services, catalog)
        if made is None:
            services.free()
            _remember_limit(spec, part, services)
            size = most = (len(part) + 1) // 2
            continue
        seconds = (clock() - started) / len(part)
        for index in range(len(part)):
            yield BatchPart(place + index, made[index] if made else None, seconds if made else 0.0, most)
        place += len(part)


def _tried(
    spec: InvocationSpec, steps: Sequence[Step], services: Services, catalog: Catalog
) -> list[tuple[CachedResult, Used]] | None:
    """Return the results of steps, none if they have to run alone, or None if memory ran out. Raises: Cancelled."""
    try:
        return _performed(spec, steps, services, catalog)
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:  # a node may come from a plug-in
        if is_exit_signal(error):
            raise
        return None if ran_out_of_memory(error) else []


def _performed(
    spec: InvocationSpec, steps: Sequence[Step], services: Services, catalog: Catalog
) -> list[tuple[CachedResult, Used]]:
    """Return the result of each step, and the memory that all of them used. Raises: whatever the nodes raise."""
    meter, (_, first) = Meter(), steps[0]
    token = at_work.set(first)
    try:
        cls = class_of(spec, catalog, first)
        outputs = cls.invoke_many([(cls(**inputs), context) for inputs, context in steps])
    finally:
        at_work.reset(token)
    if len(outputs) != len(steps):
        raise DeclarationError(
            cls.__qualname__, f"`invoke_many` returned {len(outputs)} outputs for {len(steps)} nodes"
        )
    used = meter.read(first.load_seconds / len(steps))
    if not first.side_by_side:
        used = replace(used, batch=len(steps))
        for _, context in steps:
            context.fact(BATCH, len(steps))
    made = [(result_of(cls, spec, each, context), used) for each, (_, context) in zip(outputs, steps, strict=True)]
    if not first.side_by_side:
        services.measured(
            spec.type, steps[0][0], made[0][0].outputs, peak_bytes=used.peak, device_bytes=used.device, batch=used.batch
        )
    return made


def _remember_limit(spec: InvocationSpec, steps: Sequence[Step], services: Services) -> None:
    """Remember for later runs that memory ran out for these steps."""
    inputs, context = steps[0]
    model = inputs.get(spec.model_bound)
    if isinstance(model, ModelRef) and not context.side_by_side:
        with suppress(InvocationError):  # the model has changed since
            services.models.ran_out(model, size_of(spec, inputs), spec.type, len(steps))


def size_of(spec: InvocationSpec, inputs: Inputs) -> tuple[int, int]:
    """Return the width and height of the first input that may differ within a batch and has any, in pixels."""
    sizes = [area_of(inputs.get(name)) for name in spec.batched]
    return next((size for size in sizes if size != (0, 0)), (0, 0))


def area_of(value: Any) -> tuple[int, int]:
    """Return the width and height of a value in pixels, or 0 and 0."""
    return getattr(value, "width", 0), getattr(value, "height", 0)
