"""Measure our denoising loop against diffusers' pipeline with the same weights, prompt, noise, scheduler and steps."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks.measure import Row, in_turn, timed

STEPS, GUIDANCE, SEED = 20, 4.0, 7
SCHEDULERS = {"ddim": "DDIMScheduler", "euler": "EulerDiscreteScheduler", "dpmpp_2m": "DPMSolverMultistepScheduler"}
BAR = 1.0


def rows() -> Iterator[Row]:
    """Measure whole calls with the default model, and the time that each loop spends outside the UNet."""
    import diffusers
    import torch

    from core.denoising.inputs import DenoiseInputs
    from core.denoising.loop import denoise
    from core.denoising.schedulers import make_scheduler
    from core.devices import choose_device
    from core.latents.noise import make_noise
    from core.models.catalog import ModelCatalog
    from core.models.components import LoadedModel
    from core.text.encode import encode

    torch.set_num_threads(1)
    card = ModelCatalog(()).find("default")
    parts = LoadedModel(card, choose_device("cpu"))
    diffusers.utils.logging.set_verbosity_error()
    pipeline: Any = diffusers.StableDiffusionPipeline.from_pretrained(card.path, dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    conditioning = encode("a red fox", "", parts)
    noise = make_noise((SEED,), card.latent_channels, card.height, card.width, card.vae_scale_factor)
    for name in SCHEDULERS:
        request = DenoiseInputs(noise, conditioning, (SEED,), STEPS, GUIDANCE, name)
        pipeline.scheduler = make_scheduler(name, parts.scheduler_config(), seeds=(SEED,))
        theirs = partial(
            pipeline,
            prompt_embeds=conditioning.positive.hidden, negative_prompt_embeds=conditioning.negative.hidden,
            latents=noise, num_inference_steps=STEPS, guidance_scale=GUIDANCE, output_type="latent",
        )  # fmt: skip
        ours = partial(denoise, request, parts)
        figure, reference = in_turn([partial(timed, ours), partial(timed, theirs)], runs=9)
        yield Row(f"{name}, {STEPS} steps, {card.width} x {card.height}", figure, reference, BAR)
        yield _overhead(name, ours, theirs, parts.unet(), pipeline.unet)


def _overhead(name: str, ours: Any, theirs: Any, our_unet: Any, their_unet: Any) -> Row:
    """Compare the time that each loop spends outside the UNet, in milliseconds per call."""
    return Row(f"{name}, time outside the UNet", _outside(ours, our_unet), _outside(theirs, their_unet), BAR)


def _outside(work: Any, unet: Any) -> float:
    import time

    inside = [0.0]
    forward = unet.forward

    def timed_forward(*args: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return forward(*args, **named)
        finally:
            inside[0] += 1000 * (time.process_time() - start)

    unet.forward = timed_forward
    try:
        left = []
        for _ in range(5):
            inside[0] = 0.0
            whole = timed(work)
            left.append(whole - inside[0])
        return statistics.median(left)
    finally:
        unet.forward = forward
