"""Running a part of the noise schedule, so that another run, maybe of another model, can continue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import Step, denoise
from core.errors import BadSetting
from core.latents.noise import make_noise
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.mark.parametrize("scheduler", ["ddim", "euler", "heun", "kdpm_2", "euler_a", "ddpm", "kdpm_2_a", "lcm"])
def test_two_runs_of_one_model_return_what_one_run_does(
    model_of: ModelOf, scheduler: str, request_for: RequestFor
) -> None:
    model, at, seen = model_of("sd1"), 0.6, list[Step]()
    request = request_for(model, scheduler=scheduler, steps=6)
    half = denoise(replace(request, end=at), model, on_step=seen.append)
    whole = denoise(replace(request, unfinished=half, start=at), model, on_step=seen.append)
    assert torch.equal(whole, denoise(request, model))
    assert len(seen) == 6
    assert seen[-1].number == seen[-1].count < 6


def test_an_image_and_a_mask_are_respected_in_both_runs(model_of: ModelOf, request_for: RequestFor) -> None:
    model, mask = model_of("sd1"), torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    request = replace(request_for(model, steps=10), latents=make_noise([8], 4, 64, 64, 8), mask=mask, strength=0.8)
    half = denoise(replace(request, end=0.6), model)
    whole = denoise(replace(request, unfinished=half, start=0.6, strength=1.0), model)
    assert torch.equal(whole, denoise(request, model))
    assert request.latents is not None
    assert not torch.equal(half[..., 4:], request.latents[..., 4:])  # the noise of the next step is still in
    assert torch.equal(whole[..., 4:], request.latents[..., 4:])


UNFINISHED = torch.zeros(1, 4, 8, 8)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"end": 0.0}, "end must be above 0 and at most 1, not 0.0"),
    ({"end": 1.1}, "end must be above 0 and at most 1, not 1.1"),
    ({"start": -0.1}, "start must be at least 0 and below the end, 1.0, not -0.1"),
    ({"start": 0.8, "end": 0.8, "unfinished": UNFINISHED}, "start must be at least 0 and below the end, 0.8, not 0.8"),
    ({"start": 0.8}, "unfinished must be passed if there is a start, not missing"),
    ({"unfinished": UNFINISHED}, "unfinished must be passed if there is a start, not passed"),
    (
        {"start": 0.5, "unfinished": UNFINISHED[..., 1:]},
        "unfinished must be of the same shape as the noise, (1, 4, 8, 8), not (1, 4, 8, 7)",
    ),
    ({"end": 0.1}, "steps must be high enough that a step runs between start and end, not 4"),
    (
        {"end": 0.5, "strength": 0.5, "latents": UNFINISHED},
        "strength must be high enough that a step runs between start and end, not 0.5",
    ),
    (
        {"start": 0.5, "end": 0.51, "unfinished": UNFINISHED},
        "steps must be high enough that a step runs between start and end, not 4",
    ),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_a_part_of_the_schedule_that_cannot_run_is_refused(
    model_of: ModelOf, changes: dict[str, Any], words: str, request_for: RequestFor
) -> None:
    model = model_of("sd1")
    with pytest.raises(BadSetting) as caught:
        denoise(replace(request_for(model), **changes), model)
    assert str(caught.value) == words
