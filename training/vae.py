"""Train the autoencoder (scale factor 4, four latent channels) on drawings: `python -m training.vae`."""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor
from torch.nn import functional as fn

from training.draw import drawing
from training.learn import (
    RUNS,
    Clock,
    half_precision,
    load_checkpoint,
    optimizer,
    pick_device,
    save_checkpoint,
    schedule,
    set_rate,
    stoppable,
)

CHECKPOINT = RUNS / "vae.pt"
PATCH = 64
SIZES = ((64, 64), (96, 96), (96, 64), (64, 96))
KL_WEIGHT = 2e-5
ENCODER_SHARE = 0.62  # fraction of the run after which only the decoder is trained


def new_vae() -> AutoencoderKL:
    """Create the autoencoder with random weights."""
    return AutoencoderKL(
        in_channels=3,
        out_channels=3,
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        block_out_channels=(16, 32, 64),
        layers_per_block=1,
        latent_channels=4,
        norm_num_groups=8,
        mid_block_add_attention=False,
        sample_size=96,
    )


def to_tensor(images: list[Any]) -> Tensor:
    """Stack images of one size into a tensor (b, 3, h, w) in [-1, 1]."""
    return torch.from_numpy(np.stack([np.asarray(image) for image in images])).permute(0, 3, 1, 2).float() / 127.5 - 1


def patches(seed: int, first: int, count: int) -> Tensor:
    """Return 64x64 patches (b, 3, 64, 64): whole small drawings and random crops of larger ones."""
    cut = []
    for index in range(first, first + count):
        rng = random.Random(f"patch/{seed}/{index}")
        width, height = SIZES[index % len(SIZES)]
        image = drawing(seed, index, width, height, styles=0.1).image
        x, y = rng.randint(0, width - PATCH), rng.randint(0, height - PATCH)
        cut.append(image.crop((x, y, x + PATCH, y + PATCH)))
    return to_tensor(cut)


def edge_weight(pixels: Tensor) -> Tensor:
    """Return per-pixel loss weights (b, 1, h, w) from 1 to 3, higher near edges; flat areas are easy to learn."""
    across = fn.pad((pixels[..., 1:] - pixels[..., :-1]).abs().amax(1, keepdim=True), (0, 1))
    down = fn.pad((pixels[..., 1:, :] - pixels[..., :-1, :]).abs().amax(1, keepdim=True), (0, 0, 0, 1))
    return 1 + 2 * fn.max_pool2d(torch.maximum(across, down).clamp(max=1), 3, 1, 1)


def loss_of(vae: AutoencoderKL, pixels: Tensor, frozen: bool) -> Tensor:
    """Return the edge-weighted reconstruction loss, plus a small KL term unless the encoder is frozen."""
    with torch.set_grad_enabled(not frozen):
        posterior = vae.encode(pixels).latent_dist
        latents = posterior.sample()
    if frozen:
        noisy = torch.rand(len(pixels), 1, 1, 1, device=pixels.device) < 0.5
        latents = latents + noisy * 0.08 * latents.std() * torch.randn_like(latents)
    error = vae.decode(latents).sample.float() - pixels
    weight = edge_weight(pixels)
    loss = (weight * (error.abs() + 2 * error.square())).mean()
    total: Tensor = loss if frozen else loss + KL_WEIGHT * posterior.kl().mean()
    return total


@torch.no_grad()
def psnr(vae: AutoencoderKL, device: torch.device, count: int = 64) -> float:
    """Return the PSNR in decibels on drawings not used in training (pixels in [0, 1])."""
    decibels: list[float] = []
    for first in range(0, count, 16):
        images = [drawing(999_983, index, 96, 96).image for index in range(first, first + 16)]
        pixels = to_tensor(images).to(device)
        again = vae.decode(vae.encode(pixels).latent_dist.mode()).sample.clamp(-1, 1)
        error = ((again - pixels) / 2).square().mean((1, 2, 3))
        decibels += (-10 * torch.log10(error)).tolist()
    return sum(decibels) / len(decibels)


@torch.no_grad()
def measure_scale(vae: AutoencoderKL, seed: int, device: torch.device) -> float:
    """Return the scaling factor that brings latents to unit standard deviation."""
    latents = torch.cat([vae.encode(patches(seed, at, 32).to(device)).latent_dist.mode() for at in range(0, 256, 32)])
    return 1 / float(latents.std())


def train(minutes: float, seed: int, batch: int) -> None:
    """Train, resuming from the last checkpoint if there is one."""
    device = pick_device()
    torch.manual_seed(seed)
    vae = new_vae().to(device)
    optim = optimizer([vae], lr=4e-3, adam_lr=2e-3)
    state = load_checkpoint(CHECKPOINT, device)
    step, spent = 0, 0.0
    if state:
        vae.load_state_dict(state["vae"])
        optim.load_state_dict(state["optim"])
        step, spent = state["step"], state["spent"]
    clock = Clock(minutes, spent)
    recent: list[float] = []

    def save() -> None:
        with torch.no_grad():
            scale = measure_scale(vae, seed, device)
        save_checkpoint(
            CHECKPOINT,
            {"vae": vae.state_dict(), "optim": optim.state_dict(), "step": step, "spent": clock.spent, "scale": scale},
        )

    with stoppable(clock):
        while clock.running():
            torch.manual_seed(seed * 1_000_003 + step)
            frozen = clock.progress > ENCODER_SHARE
            vae.encoder.requires_grad_(not frozen)
            vae.quant_conv.requires_grad_(not frozen)
            pixels = patches(seed, step * batch, batch).to(device)
            with half_precision(device):
                loss = loss_of(vae, pixels, frozen)
            optim.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
            set_rate(optim, schedule(clock.progress))
            optim.step()
            step += 1
            recent.append(float(loss.detach()))
            if clock.due("report", 30):
                print(
                    f"vae step {step} {clock.spent / 60:.1f}/{minutes:g} min loss {sum(recent) / len(recent):.4f}",
                    flush=True,
                )
                recent.clear()
            if clock.due("save", 150):
                save()
                print(f"vae saved, {psnr(vae, device):.2f} dB", flush=True)
    save()
    print(f"vae done: {step} steps, {psnr(vae, device):.2f} dB, in {CHECKPOINT}", flush=True)


def load_vae(device: torch.device, path: Path = CHECKPOINT) -> AutoencoderKL:
    """Load the trained autoencoder with its scaling factor."""
    state = load_checkpoint(path, device)
    if state is None:
        raise SystemExit(f"no trained autoencoder in {path}: run python -m training.vae first")
    vae = new_vae()
    vae.load_state_dict(state["vae"])
    vae.register_to_config(scaling_factor=round(state["scale"], 6))
    return vae.to(device).eval()


def exported_vae(folder: Path, device: torch.device) -> AutoencoderKL:
    """Load the autoencoder of an exported model in float32."""
    vae = AutoencoderKL.from_pretrained(str(folder), subfolder="vae").float()
    return vae.to(device).eval()


def main() -> None:
    """Train the autoencoder."""
    parser = argparse.ArgumentParser(prog="python -m training.vae", description=__doc__)
    parser.add_argument("--minutes", type=float, default=22, help="total minutes of training, including resumed runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    if not math.isfinite(args.minutes) or args.minutes <= 0:
        parser.error("--minutes must be positive")
    torch.set_num_threads(args.threads)
    train(args.minutes, args.seed, args.batch)


if __name__ == "__main__":
    main()
