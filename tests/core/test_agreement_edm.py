"""SDXL models with the noise schedule of arXiv:2206.00364 (Playground 2.5) compared with diffusers' pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from core.denoising.loop import Step
from core.errors import BadSetting
from core.latents.encode import encode_images
from core.models.components import LoadedModel
from core.models.probe import probe
from tests.core.agreement import (
    EDM,
    HEIGHT,
    SEED,
    WIDTH,
    assert_equal_but_for_rounding,
    our_latents,
    ours,
    reference,
    sample_image,
)

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]


@pytest.mark.parametrize(
    ("recipe", "scheduler"), [*(("playground", scheduler) for scheduler in EDM), ("sdxl-edm", "dpmpp_2m")]
)
def test_text_to_image_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, scheduler: str
) -> None:
    pipeline = pipeline_of(recipe, "StableDiffusionXLPipeline")
    expected = reference(pipeline, f"edm {scheduler}", width=WIDTH, height=HEIGHT)
    assert np.array_equal(ours(model_of(recipe), scheduler), expected)
    assert expected.std() > 5  # a flat image would hide differences


def test_image_to_image_matches_the_diffusers_pipeline(model_of: ModelOf, pipeline_of: PipelineOf) -> None:
    pipeline = pipeline_of("playground", "StableDiffusionXLImg2ImgPipeline")
    expected = reference(pipeline, "edm euler", image=sample_image(), strength=0.6)
    model = model_of("playground")
    latents = encode_images([sample_image()], model, seeds=[SEED])
    made = ours(model, "euler", latents=latents, strength=0.6, draws_before_noise=1)
    assert_equal_but_for_rounding(made, expected)


@pytest.mark.parametrize("scheduler", EDM)
def test_the_last_clean_estimate_is_the_result(model_of: ModelOf, scheduler: str) -> None:
    seen: list[Step] = []
    latents = our_latents(model_of("playground"), scheduler, on_step=seen.append)
    assert torch.allclose(seen[-1].clean, latents, atol=1e-3)


@pytest.mark.parametrize(
    ("recipe", "variant", "guidance", "scheduler"),
    [("playground", "playground-2.5", 3.0, "dpmpp_2m"), ("sdxl-edm", "edm", 5.0, "dpmpp_2m")],
)
def test_the_card_names_the_variant_and_a_scheduler_that_suits_it(
    model_folder: Callable[[str], Any], recipe: str, variant: str, guidance: float, scheduler: str
) -> None:
    card = probe(model_folder(recipe))
    assert (card.family, card.variant, card.guidance, card.scheduler) == ("sdxl", variant, guidance, scheduler)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scheduler": "heun"}, "scheduler must be dpmpp_2m, dpmpp_2m_sde, euler for this model, not heun"),
        ({"scheduler": "euler", "end": 0.8}, "start and end must be 0 and 1 for this model, not 0 and 0.8"),
    ],
)
def test_what_the_noise_schedule_does_not_allow_is_refused(
    model_of: ModelOf, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadSetting) as refused:
        our_latents(model_of("playground"), **settings)
    assert str(refused.value) == words
