"""Make pools of encoded drawings with captions, which are computed once and cached in memory and on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from training.draw import drawing
from training.learn import RUNS, half_precision, load_checkpoint, save_checkpoint
from training.vae import to_tensor

CHUNK = 32
STYLED = 0.08  # fraction of images drawn in a particular style


@dataclass(frozen=True)
class Pool:
    """A pool of training examples: scaled latents (n, 4, h/4, w/4) in float16, and one caption for each."""

    latents: Tensor
    captions: list[str]


def encoder_mark(vae: AutoencoderKL) -> str:
    """Return a digest of the encoder's weights, so that latents from another encoder are never reused."""
    digest = hashlib.sha256(f"{vae.config.scaling_factor}".encode())
    for name, weight in sorted(vae.state_dict().items()):
        if name.startswith(("encoder", "quant_conv")):
            digest.update(weight.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:12]


@torch.no_grad()
def pool(vae: AutoencoderKL, seed: int, size: tuple[int, int], count: int, device: torch.device) -> Pool:
    """Draw and encode `count` images of one size, or load them from the cache."""
    width, height = size
    path = RUNS / f"latents_{width}x{height}_{count}_{seed}_{encoder_mark(vae)}.pt"
    state = load_checkpoint(path, torch.device("cpu"))
    if state is None:
        latents, captions = [], []
        for first in range(0, count, CHUNK):
            each = range(first, first + CHUNK)
            drawn = [drawing(seed + width * 7 + height, index, width, height, STYLED) for index in each]
            with half_precision(device):
                mean = vae.encode(to_tensor([drawing.image for drawing in drawn]).to(device)).latent_dist.mode()
            latents.append((mean.float() * vae.config.scaling_factor).half().cpu())
            captions += [drawing.caption for drawing in drawn]
            if first % (100 * CHUNK) == 0:
                print(f"latents {width}x{height} {first}/{count}", flush=True)
        state = {"latents": torch.cat(latents), "captions": captions}
        save_checkpoint(path, state)
    return Pool(state["latents"], state["captions"])
