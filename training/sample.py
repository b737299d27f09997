"""Generate batches of images from prompts, using a loaded model, plain DDIM and one seed per image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from PIL import Image
from torch import Tensor

from training.learn import half_precision
from training.parts import GUIDANCE, STEPS, new_scheduler


@dataclass(frozen=True)
class Model:
    """The model components needed to generate an image."""

    unet: UNet2DConditionModel
    text_encoder: Any
    vae: AutoencoderKL
    tokenizer: Any
    device: torch.device

    def encode(self, prompts: Sequence[str]) -> Tensor:
        """Encode prompts into text-encoder states (b, 77, width)."""
        tokens = self.tokenizer(
            list(prompts), padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )
        states: Tensor = self.text_encoder(tokens["input_ids"].to(self.device)).last_hidden_state
        return states


def load(folder: str, device: torch.device) -> Model:
    """Load an exported model in float32."""
    from diffusers import StableDiffusionPipeline

    pipe = StableDiffusionPipeline.from_pretrained(folder, dtype=torch.float32).to(device)
    return Model(pipe.unet, pipe.text_encoder, pipe.vae, pipe.tokenizer, device)


More = Callable[[Tensor, Tensor, Tensor], Mapping[str, Any]]
After = Callable[[Tensor, int], Tensor]


@torch.no_grad()
def generate(
    model: Model,
    prompts: Sequence[str],
    seeds: Sequence[int],
    *,
    size: tuple[int, int] = (96, 96),
    steps: int = STEPS,
    guidance: float = GUIDANCE,
    batch: int = 16,
    more: Callable[[int, int], More] | None = None,
) -> list[Image.Image]:
    """Generate one image per prompt and seed; `more` returns extra UNet arguments for the images [first, last)."""
    images: list[Image.Image] = []
    for first in range(0, len(prompts), batch):
        some, numbers = prompts[first : first + batch], seeds[first : first + batch]
        scheduler = new_scheduler()
        scheduler.set_timesteps(steps, device=model.device)
        latents = noise_of(numbers, size).to(model.device)
        extra = more(first, first + len(some)) if more else None
        latents = denoise(model, scheduler, latents, some, guidance, extra)
        images += decoded(model, latents)
    return images


@torch.no_grad()
def denoise(
    model: Model,
    scheduler: DDIMScheduler,
    latents: Tensor,
    prompts: Sequence[str],
    guidance: float,
    more: More | None = None,
    after: After | None = None,
    begin: int = 0,
    eta: float = 0.0,
) -> Tensor:
    """Denoise from step `begin`; `eta` scales the noise added per step, `after` can change the latents (b, 4, h, w)."""
    states = model.encode([*([""] * len(prompts)), *prompts])
    for number, time in enumerate(scheduler.timesteps[begin:], start=begin):
        twice = torch.cat([latents, latents])
        with half_precision(model.device):
            both = model.unet(twice, time, states, **(more(twice, time, states) if more else {})).sample.float()
        plain, asked = both.chunk(2)
        latents = scheduler.step(plain + guidance * (asked - plain), time, latents, eta=eta).prev_sample
        latents = after(latents, number) if after else latents
    return latents


def noise_of(seeds: Sequence[int], size: tuple[int, int]) -> Tensor:
    """Sample noise (b, 4, height / 4, width / 4), each image from its own seed."""
    shape = (4, size[1] // 4, size[0] // 4)
    return torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in seeds])


@torch.no_grad()
def decoded(model: Model, latents: Tensor) -> list[Image.Image]:
    """Decode scaled latents into images."""
    pixels = model.vae.decode(latents / model.vae.config.scaling_factor).sample.float()
    array = ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    return [Image.fromarray(np.ascontiguousarray(pixels)) for pixels in array]
