"""Denoising inputs for small images."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.denoising.inputs import DenoiseInputs
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from core.text.encode import encode


@pytest.fixture
def request_for() -> Callable[..., DenoiseInputs]:
    """Return the inputs for small images of a red fox."""

    def make(
        model: LoadedModel, seeds: tuple[int, ...] = (1,), scheduler: str = "euler", steps: int = 4
    ) -> DenoiseInputs:
        return DenoiseInputs(
            noise=make_noise(seeds, 4, 64, 64, model.card.vae_scale_factor),
            conditioning=encode("a red fox", "", model),
            seeds=seeds,
            steps=steps,
            guidance=5.0,
            scheduler=scheduler,
        )

    return make
