"""Denoise with two models: the second one, a refiner, runs the last steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.prompt_syntax import INVOKE
from invocations.values import ConditioningRef, LatentsRef, ModelRef

from .base import DenoiseRequest, GenerationService, PromptRequest, StepCallbacks

if TYPE_CHECKING:
    from PIL.Image import Image


def refine(
    service: GenerationService,
    requests: Sequence[DenoiseRequest],
    refiner: ModelRef,
    start: float,
    watches: Sequence[StepCallbacks],
) -> tuple[LatentsRef, ...]:
    """Run requests for one model up to `start` (0 to 1) of the noise schedule, and let a refiner run the rest.

    The refiner has the settings of each request, and encodes its prompt itself, without clip skip.

    Raises: Cancelled, ServiceError.
    """
    counts = [max(1, int(each.steps * each.strength)) for each in requests]
    unfinished = service.denoise_many([replace(each, end=start) for each in requests], [*map(_begun, watches, counts)])
    rest = [
        replace(each, model=refiner, conditioning=_encoded(service, each, refiner), noise=noise, start=start)
        for each, noise in zip(requests, unfinished, strict=True)
    ]
    return service.denoise_many(rest, [*map(_continued, watches, counts)])


def _encoded(service: GenerationService, request: DenoiseRequest, refiner: ModelRef) -> ConditioningRef:
    prompt = request.conditioning
    return service.encode_prompt(PromptRequest(refiner, prompt.prompt, prompt.negative, 0, prompt.syntax or INVOKE))


def _begun(watch: StepCallbacks, count: int) -> StepCallbacks:
    """Return the callbacks for the first of two runs that have `count` steps together."""
    return replace(watch, on_step=lambda number, of, preview: watch.on_step(number, max(count, of), preview))


def _continued(watch: StepCallbacks, count: int) -> StepCallbacks:
    """Return the callbacks for the second of two runs that have `count` steps together."""

    def on_step(number: int, of: int, preview: Image | None) -> None:
        watch.on_step(max(count - of, 0) + number, max(count, of), preview)

    return replace(watch, on_step=on_step)
