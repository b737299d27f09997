"""Stable Diffusion XL compared with diffusers' pipelines: the same weights, seed, steps and scheduler, the same pixels.

As in `test_agreement.py`, the tolerance is zero, except for image to image, where one value in a thousand may be
rounded differently, by 1/255.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from core.latents.encode import encode_images
from core.latents.mask import mask_to_latents
from core.models.components import LoadedModel
from core.text.encode import encode
from tests.core.agreement import (
    HEIGHT,
    NEGATIVE,
    PROMPT,
    REQUIRED,
    SEED,
    WIDTH,
    assert_equal_but_for_rounding,
    mask,
    our_latents,
    ours,
    reference,
    sample_image,
)

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]
BASE, IMAGE = "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline"
INPAINT = "StableDiffusionXLInpaintPipeline"


@pytest.mark.parametrize("scheduler", [*REQUIRED, "euler_a", "heun"])
def test_text_to_image_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str
) -> None:
    expected = reference(pipeline_of("sdxl", BASE), scheduler, width=WIDTH, height=HEIGHT)
    assert np.array_equal(ours(model_of("sdxl"), scheduler), expected)
    assert expected.std() > 5  # a flat image would hide differences


@pytest.mark.parametrize(
    "settings",
    [
        {"seeds": (7, 8), "width": 64, "height": 64},
        {"width": 72, "height": 40},
        {"negative": None, "width": 64, "height": 64},
        {"guidance": 1.0, "width": 64, "height": 64},
        {"guidance_rescale": 0.7, "width": 64, "height": 64},
    ],
    ids=["a batch of two", "odd sizes", "without a negative prompt", "without guidance", "rescaled guidance"],
)
def test_other_settings_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, settings: dict[str, Any]
) -> None:
    expected = reference(pipeline_of("sdxl", BASE), "euler", **settings)
    negative = settings.get("negative", NEGATIVE) or ""
    assert np.array_equal(ours(model_of("sdxl"), "euler", **{**settings, "negative": negative}), expected)


@pytest.mark.parametrize("strength", [0.35, 1.0])
@pytest.mark.parametrize("recipe", ["sdxl", "sdxl-refiner"])
def test_image_to_image_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, strength: float
) -> None:
    expected = reference(pipeline_of(recipe, IMAGE), "euler", image=sample_image(), strength=strength)
    latents = encode_images([sample_image()], model_of(recipe), seeds=[SEED])
    made = ours(model_of(recipe), "euler", latents=latents, strength=strength, draws_before_noise=1)
    assert_equal_but_for_rounding(made, expected)


@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_inpainting_with_nine_channels_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, strength: float
) -> None:
    settings = {"image": sample_image(), "mask_image": mask(), "width": WIDTH, "height": HEIGHT, "strength": strength}
    expected = reference(pipeline_of("sdxl-inpaint", INPAINT), "euler", **settings)
    model, drawn = model_of("sdxl-inpaint"), int(strength < 1)  # below 1, the pipeline first encodes the whole image
    made = ours(
        model,
        "euler",
        latents=encode_images([sample_image()], model, seeds=[SEED]),
        mask=mask_to_latents(mask(), model.card.vae_scale_factor),
        masked_latents=encode_images([sample_image()], model, hole=mask(), seeds=[SEED], draws_before=drawn + 1),
        strength=strength,
        draws_before_noise=drawn,
    )
    assert np.array_equal(made, expected)


@pytest.mark.parametrize(("recipe", "pipeline"), [("sdxl", BASE), ("sdxl-refiner", IMAGE)])
@pytest.mark.parametrize("negative", [NEGATIVE, None])
def test_hidden_and_pooled_states_match_those_of_the_diffusers_pipeline_to_the_last_bit(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, pipeline: str, negative: str | None
) -> None:
    expected = pipeline_of(recipe, pipeline).encode_prompt(PROMPT, negative_prompt=negative)
    both = encode(PROMPT, negative or "", model_of(recipe))
    made = (both.positive.hidden, both.negative.hidden, both.positive.pooled, both.negative.pooled)
    assert all(one is not None and torch.equal(one, other) for one, other in zip(made, expected, strict=True))
    is_zero = negative is None and recipe == "sdxl"
    assert (not both.negative.hidden.any()) == is_zero


def test_clip_skip_counts_from_the_second_last_layer_as_in_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf
) -> None:
    expected, _, pooled, _ = pipeline_of("sdxl", BASE).encode_prompt(PROMPT, negative_prompt=NEGATIVE, clip_skip=1)
    made = encode(PROMPT, NEGATIVE, model_of("sdxl"), clip_skip=1).positive
    assert torch.equal(made.hidden, expected)
    assert made.pooled is not None
    assert torch.equal(made.pooled, pooled)


@pytest.mark.parametrize("scheduler", [*REQUIRED, "euler_a", "pndm"])
def test_base_and_refiner_match_the_diffusers_pipelines(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str
) -> None:
    at = 0.8 if scheduler == "euler" else 0.6
    generators = [torch.Generator().manual_seed(SEED)]  # the refiner continues with the generator of the base
    settings = {"width": WIDTH, "height": HEIGHT, "denoising_end": at, "output_type": "latent"}
    begun = reference(pipeline_of("sdxl", BASE), scheduler, generators=generators, **settings)
    refiner = pipeline_of("sdxl-refiner", IMAGE)
    expected = reference(refiner, scheduler, generators=generators, image=begun, denoising_start=at)
    unfinished = our_latents(model_of("sdxl"), scheduler, end=at)
    assert torch.equal(unfinished, begun)
    assert np.array_equal(ours(model_of("sdxl-refiner"), scheduler, unfinished=unfinished, start=at), expected)
