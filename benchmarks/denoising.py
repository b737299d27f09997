"""Measure our denoising loop against diffusers' pipelines with the same weights, prompt, noise, scheduler and steps."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, in_turn, timed

STEPS, GUIDANCE, SEED = 20, 4.0, 7
SCHEDULERS = {"ddim": "DDIMScheduler", "euler": "EulerDiscreteScheduler", "dpmpp_2m": "DPMSolverMultistepScheduler"}
BAR = 1.0
SIDE_PX, TEXT_WIDTH, POOLED_WIDTH, TIME_WIDTH = 256, 64, 32, 16  # of the small model of SDXL's structure


def rows() -> Iterator[Row]:
    """Measure whole calls with the default model and a small SDXL, and the time that loops spend outside the UNet."""
    import diffusers
    import torch

    torch.set_num_threads(1)
    diffusers.utils.logging.set_verbosity_error()
    yield from _default_rows()
    yield from _xl_rows()


def _default_rows() -> Iterator[Row]:
    import diffusers
    import torch

    from core.devices import choose_device
    from core.model_paths import DEFAULT_PATH
    from core.models.catalog import card_at
    from core.models.components import LoadedModel
    from core.text.encode import encode

    card = card_at(DEFAULT_PATH)
    parts = LoadedModel(card, choose_device("cpu"))
    pipeline: Any = diffusers.StableDiffusionPipeline.from_pretrained(card.path, dtype=torch.float32)
    for name in SCHEDULERS:
        yield from _compared(name, parts, pipeline, encode("a red fox", "", parts))


def _xl_rows() -> Iterator[Row]:
    import diffusers
    import torch

    from core.devices import choose_device
    from core.models.components import LoadedModel
    from core.models.load import size_of
    from core.text.conditioning import Conditioning
    from core.text.encoder import TextStates

    torch.manual_seed(0)
    unet = _xl_unet()
    parts = LoadedModel(_xl_card(unet), choose_device("cpu"))
    parts.memory.get(parts.card, "unet", parts.device, load=lambda card, device: unet, size=size_of)
    nothing: dict[str, Any] = dict.fromkeys(("vae", "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2"))
    pipeline = diffusers.StableDiffusionXLPipeline(
        **nothing, unet=unet, scheduler=diffusers.EulerDiscreteScheduler(), add_watermarker=False
    )
    states = [TextStates(torch.randn(1, 77, TEXT_WIDTH), torch.randn(1, POOLED_WIDTH)) for _ in range(2)]
    yield from _compared("euler", parts, pipeline, Conditioning(*states))


def _xl_unet() -> Any:
    """Return a small UNet with the structure of SDXL's and random weights."""
    import diffusers

    unet = diffusers.UNet2DConditionModel(
        sample_size=SIDE_PX // 8, block_out_channels=(32, 64, 64), layers_per_block=2, norm_num_groups=8,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        cross_attention_dim=TEXT_WIDTH, attention_head_dim=(2, 4, 4), use_linear_projection=True,
        addition_embed_type="text_time", addition_time_embed_dim=TIME_WIDTH,
        projection_class_embeddings_input_dim=POOLED_WIDTH + 6 * TIME_WIDTH,
    )  # fmt: skip
    return unet.eval().requires_grad_(False)


def _xl_card(unet: Any) -> Any:
    from core.models.card import Found, make_card
    from core.models.family import SDXL
    from core.models.part import PartSource

    half = {"hidden_size": TEXT_WIDTH // 2, "num_hidden_layers": 2}
    second = {**half, "projection_dim": POOLED_WIDTH, "architectures": ["CLIPTextModelWithProjection"]}
    vae = {"block_out_channels": [8] * 4}
    configs = {"unet": unet.config, "vae": vae, "text_encoder": half, "text_encoder_2": second, "scheduler": {}}
    sources = {part: PartSource(part, Path(part), config) for part, config in configs.items()}
    return make_card(Found("small-xl", Path("small-xl"), SDXL, sources, ()))


def _compared(name: str, parts: Any, pipeline: Any, conditioning: Any) -> Iterator[Row]:
    """Compare calls with this scheduler."""
    from core.denoising.inputs import DenoiseInputs
    from core.denoising.loop import denoise
    from core.denoising.schedulers import make_scheduler
    from core.latents.noise import make_noise

    card, positive, negative = parts.card, conditioning.positive, conditioning.negative
    noise = make_noise((SEED,), card.latent_channels, card.height, card.width, card.vae_scale_factor)
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler = make_scheduler(name, parts.scheduler_config(), seeds=(SEED,))
    pooled = {"pooled_prompt_embeds": positive.pooled, "negative_pooled_prompt_embeds": negative.pooled}
    theirs = partial(
        pipeline,
        prompt_embeds=positive.hidden, negative_prompt_embeds=negative.hidden, latents=noise,
        num_inference_steps=STEPS, guidance_scale=GUIDANCE, output_type="latent",
        **(pooled if positive.pooled is not None else {}),
    )  # fmt: skip
    ours = partial(denoise, DenoiseInputs(noise, conditioning, (SEED,), STEPS, GUIDANCE, name), parts)
    figure, reference = in_turn([partial(timed, ours), partial(timed, theirs)], runs=9)
    what = f"{card.family} {name}"
    yield Row(f"{what}, {STEPS} steps, {card.width} x {card.height}", figure, reference, BAR)
    outside = _outside(ours, parts.unet()), _outside(theirs, pipeline.unet)
    yield Row(f"{what}, time outside the UNet", *outside, BAR)


def _outside(work: Any, unet: Any) -> float:
    """Return the time that a loop spends outside the UNet, in milliseconds per call."""
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
