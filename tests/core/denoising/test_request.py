"""Settings that a denoising request refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from core.denoising.loop import denoise
from core.denoising.request import DenoiseRequest
from core.errors import BadSetting
from core.models.components import LoadedModel

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseRequest]


REFUSED = [
    ({"steps": 0}, "steps is 0, and must be 1 to 1000"),
    ({"strength": 0.0}, "strength is 0.0, and must be above 0, at most 1, and leave at least one of 4 steps"),
    ({"strength": 0.1}, "strength is 0.1, and must be above 0, at most 1, and leave at least one of 4 steps"),
    ({"strength": 1.5}, "strength is 1.5, and must be above 0, at most 1, and leave at least one of 4 steps"),
    ({"guidance": -1.0}, "guidance is -1.0, and must be 0 to 100"),
    ({"eta": 2.0}, "eta is 2.0, and must be 0 to 1"),
    ({"seeds": (1, 2)}, "seeds is 2, and must be as many as pictures, 1"),
    ({"strength": 0.5}, "latents is missing, and must be given where there is a mask or a strength below 1"),
    (
        {"latents": torch.zeros(1, 4, 9, 8)},
        "latents is (1, 4, 9, 8), and must be of the shape of the noise, (1, 4, 8, 8)",
    ),
    ({"mask": torch.zeros(1, 1, 9, 8)}, "mask is (1, 1, 9, 8), and must be as high and wide as the noise, (8, 8)"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSED, ids=[words for _, words in REFUSED])
def test_settings_out_of_range_are_refused(
    model_of: ModelOf, changes: dict[str, object], words: str, request_for: RequestFor
) -> None:
    model = model_of("sd1")
    with pytest.raises(BadSetting) as caught:
        denoise(replace(request_for(model), **changes), model)  # type: ignore[arg-type]
    assert str(caught.value) == words
