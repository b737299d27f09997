"""Make pictures from prompts with a model in memory: plain DDIM, batched, one seed for each picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image
from torch import Tensor

from training.learn import half_precision
from training.parts import GUIDANCE, STEPS, new_scheduler


@dataclass(frozen=True)
class Model:
    """The parts that a picture needs."""

    unet: UNet2DConditionModel
    text_encoder: Any
    vae: AutoencoderKL
    tokenizer: Any
    device: torch.device

    def encode(self, prompts: Sequence[str]) -> Tensor:
        """Turn prompts into the text encoder's states (b, 77, width)."""
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
) -> list[Image.Image]:
    """Generate one picture for each prompt and seed."""
    pictures: list[Image.Image] = []
    for first in range(0, len(prompts), batch):
        some, numbers = prompts[first : first + batch], seeds[first : first + batch]
        shape = (4, size[1] // 4, size[0] // 4)
        noise = torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(seed)) for seed in numbers])
        latents = noise.to(model.device)
        states = model.encode([*([""] * len(some)), *some])
        scheduler = new_scheduler()
        scheduler.set_timesteps(steps, device=model.device)
        for time in scheduler.timesteps:
            with half_precision(model.device):
                both = model.unet(torch.cat([latents, latents]), time, states).sample.float()
            plain, asked = both.chunk(2)
            latents = scheduler.step(plain + guidance * (asked - plain), time, latents).prev_sample
        pixels = model.vae.decode(latents / model.vae.config.scaling_factor).sample.float()
        array = ((pixels.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        pictures += [Image.fromarray(np.ascontiguousarray(one)) for one in array]
    return pictures
