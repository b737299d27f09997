"""Models with other inputs than text, compared with diffusers' pipelines: inpainting, editing and LCM models.

Weights, seeds, steps and scheduler are the same, and so are the latents of image and mask, so the tolerance is zero.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.latents.decode import decode, unscale
from core.latents.encode import encode_images, to_tensor
from core.latents.mask import mask_to_latents
from core.latents.noise import make_noise
from core.models.components import LoadedModel
from core.text.encode import encode

PROMPT, NEGATIVE, SEEDS, STEPS = "a red fox in the snow", "the cat", (7, 8), 4
WIDTH, HEIGHT = 64, 104

pytestmark = pytest.mark.usefixtures("one_thread")

PipelineOf = Callable[[str, str], Any]
ModelOf = Callable[..., LoadedModel]


def photo() -> Image.Image:
    """Return an image with edges, ramps and many colors."""
    x, y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    return Image.fromarray(np.stack([x * 2, y * 2, (x // 8 + y // 8) % 2 * 200], axis=-1).astype(np.uint8))


def hole() -> Image.Image:
    """Return a mask whose edge is not aligned to the grid of latents."""
    gray = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    gray[20:70, 12:50] = 255
    return Image.fromarray(gray)


def expected(pipeline: Any, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (b, h, w, 3) of diffusers' pipeline, for one image per seed."""
    import diffusers

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pipeline.scheduler = getattr(diffusers, scheduler).from_config(pipeline.scheduler.config)
        made = pipeline(
            PROMPT,
            num_images_per_prompt=len(SEEDS),
            num_inference_steps=STEPS,
            generator=[torch.Generator().manual_seed(seed) for seed in SEEDS],
            **settings,
        )
    return np.stack([np.asarray(image) for image in made.images])


def ours(model: LoadedModel, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (b, h, w, 3) that the core generates."""
    inputs = DenoiseInputs(
        noise=settings.pop("noise", noise(SEEDS)),
        conditioning=encode(PROMPT, NEGATIVE, model),
        seeds=SEEDS,
        steps=STEPS,
        scheduler=scheduler,
        **settings,
    )
    return np.stack([np.asarray(image) for image in decode(denoise(inputs, model), model)])


def noise(seeds: tuple[int, ...], draws_before: int = 0) -> torch.Tensor:
    """Return the noise of these seeds for images of the usual size."""
    return make_noise(seeds, 4, HEIGHT, WIDTH, 8, draws_before=draws_before)


@pytest.mark.parametrize("recipe", ["inpaint", "sd2-inpaint"])
@pytest.mark.parametrize(("scheduler", "kind"), [("ddim", "DDIMScheduler"), ("euler", "EulerDiscreteScheduler")])
@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_inpainting_models_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, recipe: str, scheduler: str, kind: str, strength: float
) -> None:
    pipeline = pipeline_of(recipe, "StableDiffusionInpaintPipeline")
    theirs = expected(
        pipeline,
        kind,
        image=photo(),
        mask_image=hole(),
        width=WIDTH,
        height=HEIGHT,
        strength=strength,
        guidance_scale=5.0,
        negative_prompt=NEGATIVE,
    )
    model = model_of(recipe)
    drawn = int(strength < 1)  # below 1, the pipeline first encodes the image, with the first seed for all images
    made = ours(
        model,
        scheduler,
        noise=torch.cat([noise(SEEDS[:1], drawn), noise(SEEDS[1:])]),
        guidance=5.0,
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
    scheduler = "euler"
    theirs = expected(
        pipeline_of(recipe, class_name),
        "EulerDiscreteScheduler",
        image=photo(),
        guidance_scale=guidance,
        image_guidance_scale=image_guidance,
        negative_prompt=NEGATIVE,
        **({"width": WIDTH, "height": HEIGHT} if recipe.startswith("sdxl") else {}),
    )
    model = model_of(recipe)
    with torch.inference_mode():
        edited = model.vae().encode(to_tensor([photo()])).latent_dist.mode()
    made = ours(model, scheduler, guidance=guidance, image_guidance=image_guidance, edited=edited)
    assert np.array_equal(made, theirs)
    assert theirs.std() > 5

    by_node = unscale(encode_images([photo()], model), model.vae())  # multiplied and divided by the factor: rounded
    made = ours(model, scheduler, guidance=guidance, image_guidance=image_guidance, edited=by_node)
    apart = np.abs(made.astype(int) - theirs.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= 0.001


@pytest.mark.parametrize("guidance", [8.5, 1.0, 0.0])
def test_models_that_embed_the_guidance_scale_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, guidance: float
) -> None:
    pipeline = pipeline_of("lcm", "LatentConsistencyModelPipeline")
    theirs = expected(pipeline, "LCMScheduler", width=WIDTH, height=HEIGHT, guidance_scale=guidance)
    made = ours(model_of("lcm"), "lcm", guidance=guidance)
    assert np.array_equal(made, theirs)
    assert not np.array_equal(ours(model_of("lcm"), "lcm", guidance=guidance + 3), theirs)


@pytest.mark.parametrize("rescale", [0.0, 0.7])
@pytest.mark.parametrize(("scheduler", "kind"), [("ddim", "DDIMScheduler"), ("euler", "EulerDiscreteScheduler")])
def test_models_with_zero_terminal_snr_match_the_diffusers_pipeline(
    model_of: ModelOf, pipeline_of: PipelineOf, scheduler: str, kind: str, rescale: float
) -> None:
    pipeline = pipeline_of("zero-snr", "StableDiffusionPipeline")
    size = {"width": WIDTH, "height": HEIGHT}
    settings = {"guidance_scale": 7.5, "guidance_rescale": rescale, "negative_prompt": NEGATIVE}
    theirs = expected(pipeline, kind, **size, **settings)
    made = ours(model_of("zero-snr"), scheduler, guidance=7.5, guidance_rescale=rescale)
    assert pipeline.scheduler.config.rescale_betas_zero_snr
    assert np.array_equal(made, theirs)
    assert theirs.std() > 5


@pytest.mark.parametrize("recipe", ["ssd-1b", "sdxl-lcm"])
def test_variants_of_sdxl_match_the_diffusers_pipeline(model_of: ModelOf, pipeline_of: PipelineOf, recipe: str) -> None:
    pipeline = pipeline_of(recipe, "StableDiffusionXLPipeline")
    kind, scheduler = ("LCMScheduler", "lcm") if recipe == "sdxl-lcm" else ("EulerDiscreteScheduler", "euler")
    settings = {"guidance_scale": 5.0, "negative_prompt": NEGATIVE}
    theirs = expected(pipeline, kind, width=WIDTH, height=HEIGHT, **settings)
    assert np.array_equal(ours(model_of(recipe), scheduler, guidance=5.0), theirs)
    assert theirs.std() > 5


@pytest.mark.parametrize(("recipe", "scheduler"), [("pix2pix", "euler"), ("lcm", "lcm"), ("inpaint", "euler")])
def test_evaluating_one_sample_at_a_time_changes_images_only_by_rounding(
    model_of: ModelOf, recipe: str, scheduler: str
) -> None:
    model = model_of(recipe)
    latents = encode_images([photo()], model)
    given = {"latents": latents, "mask": mask_to_latents(hole(), 8), "masked_latents": latents, "edited": latents}
    settings = {name: given[name] for name in NEEDED[recipe]} | {"guidance": 5.0}
    whole, sliced = (ours(model, scheduler, sliced=each, **settings) for each in (False, True))
    apart = np.abs(whole.astype(int) - sliced.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= 0.01


NEEDED = {"pix2pix": ("edited",), "lcm": (), "inpaint": ("latents", "mask", "masked_latents")}


@pytest.mark.parametrize("scheduler", ["heun", "lms", "dpmpp_2s", "pndm"])
def test_schedulers_that_lack_zero_terminal_snr_make_images_with_it(model_of: ModelOf, scheduler: str) -> None:
    made = ours(model_of("zero-snr"), scheduler, guidance=3.0)
    assert 5 < made.std() < 100
