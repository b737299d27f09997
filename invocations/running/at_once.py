"""Run the steps of a batch at once, in this process or in a worker."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from invocations.cache.base import CachedResult
from invocations.catalog.modules import is_exit_signal
from invocations.context import Services
from invocations.errors import Cancelled, DeclarationError
from invocations.spec import InvocationSpec

from .base import Catalog
from .context import StepContext, at_work
from .failures import ran_out_of_memory
from .inline import Inputs, class_of, result_of
from .meter import Meter, Used

BATCH: Final = "batch"  # name of the fact that states how many nodes ran at once

Step = tuple[Inputs, StepContext]  # the inputs of a node, and the context in which it runs


class BatchPart(NamedTuple):
    """What became of one step of a batch: without a result, it has to run alone. seconds: its share of the time."""

    number: int
    made: tuple[CachedResult, Used] | None = None
    seconds: float = 0.0


def run_at_once(
    spec: InvocationSpec,
    steps: Sequence[Step],
    services: Services,
    catalog: Catalog,
    clock: Callable[[], float] = time.perf_counter,
    first: int = 0,
) -> Iterator[BatchPart]:
    """Run steps at once; if memory runs out, in two halves, and after any other error not at all. Raises: Cancelled.

    first: the index of the first of these steps
    """
    if len(steps) == 1:
        yield BatchPart(first)
        return
    started, exhausted = clock(), False
    try:
        made = _performed(spec, steps, services, catalog)
    except Cancelled:
        raise
    except (Exception, SystemExit) as error:  # a node may come from a plug-in
        if is_exit_signal(error):
            raise
        made, exhausted = [], ran_out_of_memory(error)
    if exhausted:  # the memory that the error and its frames hold is only released after the except block
        services.free()
        half = (len(steps) + 1) // 2
        yield from run_at_once(spec, steps[:half], services, catalog, clock, first)
        yield from run_at_once(spec, steps[half:], services, catalog, clock, first + half)
        return
    seconds = (clock() - started) / len(steps)
    for index in range(len(steps)):
        yield BatchPart(first + index, made[index], seconds) if made else BatchPart(first + index)


def _performed(
    spec: InvocationSpec, steps: Sequence[Step], services: Services, catalog: Catalog
) -> list[tuple[CachedResult, Used]]:
    """Return the result of each step, the memory that all of them used, and the step's share of the loading time.

    Raises: whatever the nodes raise.
    """
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
    used = replace(meter.read(first.load_seconds / len(steps)), batch=len(steps))
    for _, context in steps:
        context.fact(BATCH, len(steps))
    return [(result_of(cls, spec, each, context), used) for each, (_, context) in zip(outputs, steps, strict=True)]
