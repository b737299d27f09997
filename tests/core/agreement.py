"""Runs a diffusers pipeline and the core with the same settings, for tests that compare their images."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
import torch
from PIL import Image

from core.denoising.inputs import DenoiseInputs
from core.denoising.loop import denoise
from core.latents.decode import decode
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
EDM = ("euler", "dpmpp_2m", "dpmpp_2m_sde")
REFERENCES_OF_EDM: dict[str, tuple[str, dict[str, Any]]] = {
    "edm euler": ("EDMEulerScheduler", {}),
    "edm dpmpp_2m": ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "edm dpmpp_2m_sde": ("EDMDPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
}
REQUIRED = ("ddim", "euler", "dpmpp_2m", "unipc")


def reference(pipeline: Any, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (b, h, w, 3), or the latents, that diffusers' pipeline makes; one image per seed in `seeds`.

    generators: used instead of seeds.
    """
    seeds = settings.pop("seeds", (SEED,))
    generators = settings.pop("generators", None) or [torch.Generator().manual_seed(seed) for seed in seeds]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        schedule(pipeline, scheduler)
        made = pipeline(
            PROMPT,
            negative_prompt=settings.pop("negative", NEGATIVE),
            num_inference_steps=STEPS,
            guidance_scale=settings.pop("guidance", GUIDANCE),
            generator=generators[0] if len(generators) == 1 else generators,
            num_images_per_prompt=len(generators),
            **settings,
        )
    latents = isinstance(made.images, torch.Tensor)
    return made.images if latents else np.stack([np.asarray(image) for image in made.images])


def schedule(pipeline: Any, scheduler: str) -> None:
    """Set a pipeline's scheduler as in diffusers' documentation."""
    class_name, extra = {**REFERENCES, **REFERENCES_OF_EDM}[scheduler]
    kind = getattr(importlib.import_module("diffusers"), class_name)
    pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **extra)


def ours(model: LoadedModel, scheduler: str, **settings: Any) -> Any:
    """Return the pixels (b, h, w, 3) that the core generates, one image per seed in `seeds`."""
    return np.stack([np.asarray(image) for image in decode(our_latents(model, scheduler, **settings), model)])


def our_latents(model: LoadedModel, scheduler: str, **settings: Any) -> torch.Tensor:
    """Return the latents (b, c, h/f, w/f) that the core generates, one image per seed in `seeds`."""
    card, seeds = model.card, settings.pop("seeds", (SEED,))
    width, height = settings.pop("width", WIDTH), settings.pop("height", HEIGHT)
    on_step = settings.pop("on_step", lambda step: None)
    draws, noise = settings.pop("draws_before_noise", 0), settings.pop("noise", None)
    if noise is None:
        noise = make_noise(seeds, card.latent_channels, height, width, card.vae_scale_factor, draws_before=draws)
    request = DenoiseInputs(
        noise=noise,
        conditioning=encode(PROMPT, settings.pop("negative", NEGATIVE), model),
        seeds=seeds,
        steps=STEPS,
        guidance=settings.pop("guidance", GUIDANCE),
        scheduler=scheduler,
        draws_before=settings.pop("draws_before_steps", draws + 1),
        **settings,
    )
    return denoise(request, model, on_step=on_step)


def sample_image(width: int = WIDTH, height: int = HEIGHT) -> Image.Image:
    """Return an image with edges, ramps and many colors."""
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    return Image.fromarray(np.stack([x * 2, y * 2, (x // 8 + y // 8) % 2 * 200], axis=-1).astype(np.uint8))


def mask() -> Image.Image:
    """Return a mask that is white in the middle, with an edge that is not aligned to the grid of latents."""
    grey = np.zeros((HEIGHT, WIDTH), dtype=np.uint8)
    grey[20:70, 12:50] = 255
    return Image.fromarray(grey)


def assert_equal_but_for_rounding(made: Any, expected: Any) -> None:
    """Check that at most one value in a thousand differs, by 1/255."""
    apart = np.abs(made.astype(int) - expected.astype(int))
    assert apart.max() <= 1
    assert (apart > 0).mean() <= 0.001
