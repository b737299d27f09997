"""Models with other inputs than text, compared with diffusers' pipelines: inpainting, editing and LCM models.

Weights, seeds, steps and scheduler are the same, and so are the latents of image and mask, so the tolerance is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.latents.decode import unscale
from core.latents.encode import encode_images, to_tensor
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from tests.core import agreement
from tests.core.agreement import assert_equal_but_for_rounding, mask, sample_image

SEEDS, SIZE = (7, 8), {"width": 64, "height": 104}  # the latents have an odd height

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]
expected = partial(agreement.reference, seeds=SEEDS)
ours = partial(agreement.ours, seeds=SEEDS, **SIZE)


def photo() -> Image.Image:
    return sample_image(**SIZE)


def hole() -> Image.Image:
    return mask().resize((SIZE["width"], SIZE["height"]), Image.Resampling.NEAREST)


def noise(seeds: tuple[int, ...], draws_before: int = 0) -> torch.Tensor:
    return make_noise(seeds, 4, SIZE["height"], SIZE["width"], 8, draws_before=draws_before)


@pytest.mark.parametrize("recipe", ["inpaint", "sd2-inpaint"])
@pytest.mark.parametrize("scheduler", ["ddim", "euler"])
@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_inpainting_models_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, scheduler: str, strength: float
) -> None:
    pipeline = pipeline_of(recipe, "StableDiffusionInpaintPipeline")
    theirs = expected(pipeline, scheduler, image=photo(), mask_image=hole(), strength=strength, **SIZE)
    model = model_of(recipe)
    drawn = int(strength < 1)  # below 1, the pipeline first encodes the image, with the first seed for all images
    made = ours(
        model,
        scheduler,
        noise=torch.cat([noise(SEEDS[:1], drawn), noise(SEEDS[1:])]),
        latents=encode_images([photo()], model, seeds=SEEDS[:1]),
        mask=mask_to_latents(hole(), model.card.vae_scale_factor),
        masked_latents=encode_images([photo()], model, hole=hole(), seeds=SEEDS[:1], draws_before=drawn + 1),
        strength=strength,
    )
    assert np.array_equal(made, theirs)
    assert theirs.std() > 5


EDITING = {
    "pix2pix": "StableDiffusionInstructPix2PixPipeline",
    "sdxl-pix2pix": "StableDiffusionXLInstructPix2PixPipeline",
}


@pytest.mark.parametrize(("guidance", "image_guidance"), [(7.5, 1.5), (3.0, 1.0), (1.0, 1.5)])
@pytest.mark.parametrize(("recipe", "class_name"), EDITING.items(), ids=EDITING)
def test_editing_models_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, class_name: str, guidance: float, image_guidance: float
) -> None:
    theirs = expected(
        pipeline_of(recipe, class_name),
        "euler",
        image=photo(),
        guidance=guidance,
        image_guidance_scale=image_guidance,
        **(SIZE if recipe.startswith("sdxl") else {}),
    )
    model = model_of(recipe)
    with torch.inference_mode():
        edited = model.vae().encode(to_tensor([photo()])).latent_dist.mode()
    made = ours(model, "euler", guidance=guidance, image_guidance=image_guidance, edited=edited)
    assert np.array_equal(made, theirs)
    assert theirs.std() > 5

    by_node = unscale(encode_images([photo()], model), model.vae())  # multiplied and divided by the factor: rounded
    made = ours(model, "euler", guidance=guidance, image_guidance=image_guidance, edited=by_node)
    assert_equal_but_for_rounding(made, theirs)


@pytest.mark.parametrize("guidance", [8.5, 1.0, 0.0])
def test_models_that_embed_the_guidance_scale_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, guidance: float
) -> None:
    pipeline = pipeline_of("lcm", "LatentConsistencyModelPipeline")
    theirs = expected(pipeline, "lcm", guidance=guidance, **SIZE)
    made = ours(model_of("lcm"), "lcm", guidance=guidance)
    assert np.array_equal(made, theirs)
    assert not np.array_equal(ours(model_of("lcm"), "lcm", guidance=guidance + 3), theirs)


@pytest.mark.parametrize("rescale", [0.0, 0.7])
@pytest.mark.parametrize("scheduler", ["ddim", "euler"])
def test_models_with_zero_terminal_snr_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str, rescale: float
) -> None:
    pipeline = pipeline_of("zero-snr", "StableDiffusionPipeline")
    theirs = expected(pipeline, scheduler, guidance_rescale=rescale, **SIZE)
    made = ours(model_of("zero-snr"), scheduler, guidance_rescale=rescale)
    assert pipeline.scheduler.config.rescale_betas_zero_snr
    assert np.array_equal(made, theirs)
    assert theirs.std() > 5


@pytest.mark.parametrize(("recipe", "scheduler"), [("ssd-1b", "euler"), ("sdxl-lcm", "lcm")])
def test_variants_of_sdxl_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, scheduler: str
) -> None:
    theirs = expected(pipeline_of(recipe, "StableDiffusionXLPipeline"), scheduler, **SIZE)
    assert np.array_equal(ours(model_of(recipe), scheduler), theirs)
    assert theirs.std() > 5


@pytest.mark.parametrize(("recipe", "scheduler"), [("pix2pix", "euler"), ("lcm", "lcm"), ("inpaint", "euler")])
def test_evaluating_one_sample_at_a_time_changes_images_only_by_rounding(
    model_of: ModelOf, recipe: str, scheduler: str
) -> None:
    model = model_of(recipe)
    latents = encode_images([photo()], model)
    given = {"latents": latents, "mask": mask_to_latents(hole(), 8), "masked_latents": latents, "edited": latents}
    settings = {name: given[name] for name in NEEDED[recipe]}
    whole, sliced = (ours(model, scheduler, sliced=each, **settings) for each in (False, True))
    apart = np.abs(whole.astype(int) - sliced.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= 0.01


NEEDED = {"pix2pix": ("edited",), "lcm": (), "inpaint": ("latents", "mask", "masked_latents")}


@pytest.mark.parametrize("scheduler", ["heun", "lms", "dpmpp_2s", "pndm"])
def test_schedulers_that_lack_zero_terminal_snr_make_images_with_it(model_of: ModelOf, scheduler: str) -> None:
    made = ours(model_of("zero-snr"), scheduler, guidance=3.0)
    assert 5 < made.std() < 100
