"""The core compared with diffusers' pipelines: the same weights, seed, steps and scheduler result in the same pixels.

In fp32 on one machine both do the same operations on tensors of the same shapes, so the tolerance is zero. Image to
image is the exception: the pipeline keeps its latents in the encoder's memory layout, channels last, in which
convolutions sum in a different order (1e-6 per step). The core's latents are always contiguous, because they may
come from a file. So in that test, one value in a thousand may be rounded differently, by 1/255.
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
    REFERENCES,
    REQUIRED,
    SEED,
    WIDTH,
    assert_equal_but_for_rounding,
    mask,
    ours,
    reference,
    sample_image,
)

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]


@pytest.mark.parametrize("scheduler", REFERENCES)
def test_text_to_image_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str
) -> None:
    expected = reference(pipeline_of("sd1", "StableDiffusionPipeline"), scheduler, width=WIDTH, height=HEIGHT)
    assert np.array_equal(ours(model_of("sd1"), scheduler), expected)
    assert expected.std() > 5  # a flat image would hide differences


@pytest.mark.parametrize("scheduler", REQUIRED)
@pytest.mark.parametrize("recipe", ["sd1-v-factor-4", "sd2", "sd2-factor-4", "other-activation"])
def test_images_from_other_kinds_of_models_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str, recipe: str
) -> None:
    expected = reference(pipeline_of(recipe, "StableDiffusionPipeline"), scheduler, width=WIDTH, height=HEIGHT)
    assert np.array_equal(ours(model_of(recipe), scheduler), expected)


@pytest.mark.parametrize("strength", [0.35, 0.8, 1.0])
@pytest.mark.parametrize("scheduler", [*REQUIRED, "euler_a", "heun"])
def test_image_to_image_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str, strength: float
) -> None:
    pipeline = pipeline_of("sd1", "StableDiffusionImg2ImgPipeline")
    expected = reference(pipeline, scheduler, image=sample_image(), strength=strength)
    model = model_of("sd1")
    latents = encode_images([sample_image()], model, seeds=[SEED])
    made = ours(model, scheduler, latents=latents, strength=strength, draws_before_noise=1)
    assert_equal_but_for_rounding(made, expected)


@pytest.mark.parametrize("strength", [0.6, 1.0])
@pytest.mark.parametrize(
    ("recipe", "scheduler"),
    [*(("sd1", scheduler) for scheduler in (*REQUIRED, "euler_a")), ("sdxl", "ddim"), ("sdxl", "euler_a")],
)
def test_inpainting_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, scheduler: str, strength: float
) -> None:
    pipeline = pipeline_of(recipe, f"StableDiffusion{'XL' if recipe == 'sdxl' else ''}InpaintPipeline")
    expected = reference(
        pipeline, scheduler, image=sample_image(), mask_image=mask(), strength=strength, width=WIDTH, height=HEIGHT
    )
    model = model_of(recipe)
    made = ours(
        model,
        scheduler,
        latents=encode_images([sample_image()], model, seeds=[SEED]),
        mask=mask_to_latents(mask(), model.card.vae_scale_factor),
        strength=strength,
        draws_before_noise=1,
        draws_before_steps=3,  # the pipeline encodes the masked image as well
    )
    assert np.array_equal(made, expected)


@pytest.mark.parametrize("scheduler", REQUIRED)
def test_inpainting_with_nine_channels_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str
) -> None:
    pipeline = pipeline_of("inpaint", "StableDiffusionInpaintPipeline")
    expected = reference(pipeline, scheduler, image=sample_image(), mask_image=mask(), width=WIDTH, height=HEIGHT)
    model = model_of("inpaint")
    made = ours(
        model,
        scheduler,
        latents=encode_images([sample_image()], model),
        mask=mask_to_latents(mask(), model.card.vae_scale_factor),
        masked_latents=encode_images([sample_image()], model, hole=mask(), seeds=[SEED], draws_before=1),
        strength=1.0,
    )
    assert np.array_equal(made, expected)


def test_without_guidance_the_negative_prompt_has_no_effect(model_of: ModelOf, pipeline_of: PipelineOf) -> None:
    pipeline = pipeline_of("sd1", "StableDiffusionPipeline")
    expected = reference(pipeline, "euler", width=WIDTH, height=HEIGHT, guidance=1.0)
    assert np.array_equal(ours(model_of("sd1"), "euler", guidance=1.0), expected)


@pytest.mark.parametrize("recipe", ["sd1", "sd2"])
def test_hidden_states_match_those_of_the_diffusers_pipeline_to_the_last_bit(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str
) -> None:
    pipeline = pipeline_of(recipe, "StableDiffusionPipeline")
    positive, negative = pipeline.encode_prompt(PROMPT, "cpu", 1, True, NEGATIVE)
    both = encode(PROMPT, NEGATIVE, model_of(recipe))
    assert torch.equal(both.positive.hidden, positive)
    assert torch.equal(both.negative.hidden, negative)


@pytest.mark.parametrize("skip", [1, 2])
def test_clip_skip_numbers_layers_as_transformers_does(model_of: ModelOf, pipeline_of: PipelineOf, skip: int) -> None:
    pipeline = pipeline_of("sd1", "StableDiffusionPipeline")
    tokens = pipeline.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        states = pipeline.text_encoder(tokens, output_hidden_states=True).hidden_states
        expected = pipeline.text_encoder.final_layer_norm(states[-1 - skip])
    assert torch.equal(encode(PROMPT, "", model_of("sd1"), clip_skip=skip).positive.hidden, expected)
