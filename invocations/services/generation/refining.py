"""Denoise with two models: the second one, a refiner, runs the last steps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.prompt_syntax import INVOKE
from invocations.values import LatentsRef, ModelRef

from .base import DenoiseRequest, GenerationService, PromptRequest, StepCallbacks

if TYPE_CHECKING:
    from PIL.Image import Image


def refine(
    service: GenerationService, request: DenoiseRequest, refiner: ModelRef, start: float, watch: StepCallbacks
) -> LatentsRef:
    """Run a request up to `start` (0 to 1) of the noise schedule, and let a refiner run the rest.

    The refiner has the settings of the request, and encodes its prompt itself, without clip skip.

    Raises: Cancelled, ServiceError.
    """
    count = max(1, int(request.steps * request.strength))

    def continued(number: int, of: int, preview: Image | None) -> None:
        watch.on_step(max(count - of, 0) + number, max(count, of), preview)

    begun = replace(watch, on_step=lambda number, of, preview: watch.on_step(number, max(count, of), preview))
    unfinished = service.denoise(replace(request, end=start), begun)
    prompt = request.conditioning
    encoded = service.encode_prompt(PromptRequest(refiner, prompt.prompt, prompt.negative, 0, prompt.syntax or INVOKE))
    rest = replace(request, model=refiner, conditioning=encoded, noise=unfinished, start=start)
    return service.denoise(rest, replace(watch, on_step=continued))
