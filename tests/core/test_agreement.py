"""The core compared with diffusers' pipelines: the same weights, seed, steps and scheduler result in the same pixels.

In fp32 on one machine both do the same operations on tensors of the same shapes, so the tolerance is zero. Image to
image is the exception: the pipeline keeps its latents in the encoder's memory layout, channels last, in which
convolutions sum in a different order (1e-6 per step). The core's latents are always contiguous, because they may
come from a file. So in that test, one value in a thousand may be rounded differently, by 1/255.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.latents.decode import decode
from core.latents.encode import encode_images
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from core.text.encode import encode

PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE = "a red fox in the snow", "the cat", 7, 6, 5.0
WIDTH, HEIGHT = 64, 96

REFERENCES: dict[str, tuple[str, dict[str, Any]]] = {
    "ddim": ("DDIMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "euler_a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "dpmpp_2m_sde_k": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "use_karras_sigmas": True}),
    "dpmpp_sde": ("DPMSolverSDEScheduler", {"noise_sampler_seed": SEED}),
    "lcm": ("LCMScheduler", {}),
    "lms": ("LMSDiscreteScheduler", {}),
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
}
REQUIRED = ("ddim", "euler", "dpmpp_2m", "unipc")
OTHERS = tuple(name for name in REFERENCES if name not in REQUIRED)

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]


def reference(pipeline: Any, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (h, w, 3) of diffusers' pipeline, with the scheduler created as in diffusers' documentation."""
    class_name, extra = REFERENCES[scheduler]
    kind = getattr(importlib.import_module("diffusers"), class_name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **extra)
        made = pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            num_inference_steps=STEPS,
            guidance_scale=settings.pop("guidance", GUIDANCE),
            generator=torch.Generator().manual_seed(SEED),
            **settings,
        )
    return np.asarray(made.images[0])


def ours(model: LoadedModel, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (h, w, 3) that the core generates."""
    draws = settings.pop("draws_before_noise", 0)
    card = model.card
    noise = make_noise([SEED], card.latent_channels, HEIGHT, WIDTH, card.vae_scale_factor, draws_before=draws)
    request = DenoiseInputs(
        noise=noise,
        conditioning=encode(PROMPT, NEGATIVE, model),
        seeds=(SEED,),
        steps=STEPS,
        guidance=settings.pop("guidance", GUIDANCE),
        scheduler=scheduler,
        draws_before=settings.pop("draws_before_steps", draws + 1),
        **settings,
    )
    return np.asarray(decode(denoise(request, model), model)[0])


def sample_image(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return an image with edges, ramps and many colors."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return Image.fromarray(np.stack([x * 2, y * 2, (x // 8 + y // 8) % 2 * 200], axis=-1).astype(np.uint8))


def mask() -> Image.Image:
    """Return a mask that is white in the middle, with an edge that is not aligned to the grid of latents."""
    grey = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    grey[20:70, 12:50] = 255
    return Image.fromarray(grey)


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
    apart = np.abs(made.astype(int) - expected.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= 0.001


@pytest.mark.parametrize("strength", [0.6, 1.0])
@pytest.mark.parametrize("scheduler", [*REQUIRED, "euler_a"])
def test_inpainting_matches_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str, strength: float
) -> None:
    pipeline = pipeline_of("sd1", "StableDiffusionInpaintPipeline")
    expected = reference(
        pipeline, scheduler, image=sample_image(), mask_image=mask(), strength=strength, width=WIDTH, height=HEIGHT
    )
    model = model_of("sd1")
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
    assert torch.equal(both.positive, positive)
    assert torch.equal(both.negative, negative)


@pytest.mark.parametrize("skip", [1, 2])
def test_clip_skip_numbers_layers_as_transformers_does(model_of: ModelOf, pipeline_of: PipelineOf, skip: int) -> None:
    pipeline = pipeline_of("sd1", "StableDiffusionPipeline")
    tokens = pipeline.tokenizer(PROMPT, padding="max_length", max_length=77, return_tensors="pt").input_ids
    with torch.no_grad():
        states = pipeline.text_encoder(tokens, output_hidden_states=True).hidden_states
        expected = pipeline.text_encoder.final_layer_norm(states[-1 - skip])
    assert torch.equal(encode(PROMPT, "", model_of("sd1"), clip_skip=skip).positive, expected)
