"""Denoising settings that are out of range are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.errors import BadSetting
from core.models.components import LoadedModel
from core.text.conditioning import Conditioning
from core.text.encoder import TextStates

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]


REFUSED = [
    ({"steps": 0}, "steps must be 1 to 1000, not 0"),
    ({"strength": 0.0}, "strength must be above 0, at most 1, and high enough that one of the 4 steps runs, not 0.0"),
    ({"strength": 0.1}, "strength must be above 0, at most 1, and high enough that one of the 4 steps runs, not 0.1"),
    ({"strength": 1.5}, "strength must be above 0, at most 1, and high enough that one of the 4 steps runs, not 1.5"),
    ({"guidance": -1.0}, "guidance must be 0 to 100, not -1.0"),
    ({"eta": 2.0}, "eta must be 0 to 1, not 2.0"),
    ({"seeds": (1, 2)}, "seeds must be one per image (1), not 2"),
    ({"strength": 0.5}, "latents must be passed if there is a mask or the strength is below 1, not missing"),
    (
        {"latents": torch.zeros(1, 4, 9, 8)},
        "latents must be of the same shape as the noise, (1, 4, 8, 8), not (1, 4, 9, 8)",
    ),
    (
        {"mask": torch.zeros(1, 1, 9, 8)},
        "mask must be of the same height and width as the noise, (8, 8), not (1, 1, 9, 8)",
    ),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_settings_out_of_range_are_refused(
    model_of: ModelOf, changes: dict[str, object], words: str, request_for: RequestFor
) -> None:
    model = model_of("sd1")
    with pytest.raises(BadSetting) as caught:
        denoise(replace(request_for(model), **changes), model)  # type: ignore[arg-type]
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("sd1", "conditioning must be encoded for this model, whose text width is 96, not of the width 32"),
        ("sd1 of that width", "conditioning must be encoded for this model, not without pooled states"),
    ],
)
def test_conditioning_of_another_family_is_refused(
    model_of: ModelOf, recipe: str, words: str, request_for: RequestFor
) -> None:
    states = TextStates(torch.zeros(1, 77, 32 if recipe == "sd1" else 96))
    inputs = replace(request_for(model_of("sdxl")), conditioning=Conditioning(states, states))
    with pytest.raises(BadSetting) as caught:
        denoise(inputs, model_of("sdxl"))
    assert str(caught.value) == words
