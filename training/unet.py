"""Train the UNet and the text encoder together on encoded drawings: `python -m training.unet`."""

from __future__ import annotations

import argparse
import copy
import random
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional as fn

from training import tokenizer as words
from training.draw import sheet
from training.export import export
from training.latents import Pool, pool
from training.learn import (
    RUNS,
    Clock,
    exact_attention,
    half_precision,
    load_checkpoint,
    optimizer,
    pick_device,
    save_checkpoint,
    schedule,
    set_rate,
    stoppable,
)
from training.parts import UNET_CHECKPOINT, new_scheduler, new_text_encoder, new_unet
from training.prompts import PREVIEW
from training.sample import Model, generate
from training.vae import CHECKPOINT as VAE_CHECKPOINT
from training.vae import exported_vae, load_vae

PREVIEWED = RUNS / "model"  # the model as exported during the run; training.export writes the shipped model
WITHOUT_WORDS = 0.1
SHORT, LONG = 32, 77
TOWARD_NOISE = 0.65  # exponent of the sampled timesteps; below 1, noisy timesteps are sampled more often
Size = tuple[int, int]
# The fraction of the run with small images only, and the sizes used after it, with the share and batch size of each.
SMALL_SHARE = 0.46
SMALL: Size = (64, 64)
SMALL_BATCH = 40
LARGE: dict[Size, tuple[float, int]] = {
    (96, 96): (0.6, 24),
    (96, 64): (0.15, 32),
    (64, 96): (0.15, 32),
    (64, 64): (0.1, 40),
}


class Average:
    """The exponential moving average of a module's weights, which is exported instead of the current weights."""

    def __init__(self, module: nn.Module) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)

    @torch.no_grad()
    def follow(self, module: nn.Module, step: int) -> None:
        """Update the average with the current weights."""
        share = 1 - min(0.9985, (1 + step) / (20 + step))
        for mine, theirs in zip(self.module.parameters(), module.parameters(), strict=True):
            mine.lerp_(theirs, share)


class Noiser:
    """Mixes latents with noise and computes the velocity that the UNet must predict (arXiv:2202.00512, appendix D)."""

    def __init__(self, device: torch.device) -> None:
        kept = new_scheduler().alphas_cumprod.to(device)
        self.signal, self.noise = kept.sqrt(), (1 - kept).sqrt()

    def mix(self, latents: Tensor, noise: Tensor, times: Tensor) -> tuple[Tensor, Tensor]:
        """Return the noisy latents and the velocity."""
        signal, share = self.signal[times].view(-1, 1, 1, 1), self.noise[times].view(-1, 1, 1, 1)
        return signal * latents + share * noise, signal * noise - share * latents


def spread_times(count: int, device: torch.device) -> Tensor:
    """Sample timesteps, stratified to reduce the variance of the loss; favor noisy ones, where shapes are decided."""
    even = (torch.randperm(count) + torch.rand(count)) / count
    return (even**TOWARD_NOISE * 1000).long().clamp(0, 999).to(device)


def choose(step: int, progress: float, seed: int, small: float) -> tuple[Size, int]:
    """Choose the image size and the batch size of a step."""
    if progress < small:
        return SMALL, SMALL_BATCH
    shares = [share for share, _ in LARGE.values()]
    size = random.Random(f"size/{seed}/{step}").choices(list(LARGE), shares)[0]
    return size, LARGE[size][1]


class TrainingRun:
    """The state of a training run: modules, optimizer, weight averages, and the tokens of all captions."""

    def __init__(
        self,
        seed: int,
        device: torch.device,
        start: Path | None,
        counts: dict[Size, int],
        times: int,
        small: float,
    ) -> None:
        torch.manual_seed(seed)
        self.seed, self.device, self.times, self.small = seed, device, times, small
        self.tokenizer = words.load()
        self.unet: UNet2DConditionModel = new_unet().to(device)
        self.text = new_text_encoder(self.tokenizer).to(device)
        if start:
            self.unet.load_state_dict(
                UNet2DConditionModel.from_pretrained(str(start), subfolder="unet").float().state_dict()
            )
            self.text.load_state_dict(
                type(self.text).from_pretrained(str(start), subfolder="text_encoder").float().state_dict()
            )
        self.vae = load_vae(device) if VAE_CHECKPOINT.exists() or not start else exported_vae(start, device)
        self.noiser = Noiser(device)
        self.optim = optimizer([self.unet, self.text], lr=2.5e-3, adam_lr=1e-3)
        self.slow_unet, self.slow_text = Average(self.unet), Average(self.text)
        self.counts = counts
        self._pools: dict[Size, tuple[Pool, Tensor]] = {}
        self.step, self.spent = 0, 0.0

    def pool(self, size: Size) -> tuple[Pool, Tensor]:
        """Return the pool of drawings with this size and the tokens (n, 77) of their captions, created on first use."""
        if size not in self._pools:
            made = pool(self.vae, self.seed, size, self.counts[size], self.device)
            self._pools[size] = (made, self.tokens(made.captions))
        return self._pools[size]

    def tokens(self, captions: list[str]) -> Tensor:
        """Tokenize captions into token ids (n, 77)."""
        made = self.tokenizer(captions, padding="max_length", max_length=LONG, truncation=True, return_tensors="pt")
        numbers: Tensor = made["input_ids"]
        return numbers

    def loss(self, progress: float) -> Tensor:
        """Compute the loss of the current step."""
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        size, batch = choose(self.step, progress, self.seed, self.small)
        batch *= self.times
        examples, tokens = self.pool(size)
        chosen = torch.randint(0, len(examples.captions), (batch,))
        length = SHORT if progress < self.small else LONG
        said = tokens[chosen].clone()
        said[torch.rand(batch) < WITHOUT_WORDS] = self.tokens([""])[0]
        latents = examples.latents[chosen].float().to(self.device)
        times = spread_times(batch, self.device)
        noisy, velocity = self.noiser.mix(latents, torch.randn_like(latents), times)
        with half_precision(self.device):
            states = self.text(said[:, :length].to(self.device)).last_hidden_state
            guess = self.unet(noisy, times, states).sample
        return fn.mse_loss(guess.float(), velocity)

    def learn(self, progress: float) -> float:
        """Take one training step and return its loss."""
        loss = self.loss(progress)
        self.optim.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        for module in (self.unet, self.text):
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
        set_rate(self.optim, schedule(progress))
        self.optim.step()
        self.step += 1
        self.slow_unet.follow(self.unet, self.step)
        self.slow_text.follow(self.text, self.step)
        return float(loss.detach())

    def state(self, spent: float) -> dict[str, Any]:
        """Return everything that is needed to resume."""
        return {
            "unet": self.unet.state_dict(),
            "text": self.text.state_dict(),
            "ema_unet": self.slow_unet.module.state_dict(),
            "ema_text": self.slow_text.module.state_dict(),
            "optim": self.optim.state_dict(),
            "step": self.step,
            "spent": spent,
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Restore a saved state."""
        self.unet.load_state_dict(state["unet"])
        self.text.load_state_dict(state["text"])
        self.slow_unet.module.load_state_dict(state["ema_unet"])
        self.slow_text.module.load_state_dict(state["ema_text"])
        self.optim.load_state_dict(state["optim"])
        self.step, self.spent = state["step"], state["spent"]

    def model(self) -> Model:
        """Return the averaged model."""
        return Model(self.slow_unet.module, self.slow_text.module, self.vae, self.tokenizer, self.device)

    def publish(self, minutes: float) -> None:
        """Export the averaged model and write a sheet of images that it generates."""
        size = (96, 96) if self.counts and (96, 96) in self._pools else SMALL
        images = generate(self.model(), PREVIEW, list(range(len(PREVIEW))), size=size)
        sheet(list(zip(images, PREVIEW, strict=True)), columns=8).save(RUNS / f"preview_{minutes:05.1f}.png")
        unet, text, vae = (
            copy.deepcopy(module).cpu().half() for module in (self.slow_unet.module, self.slow_text.module, self.vae)
        )
        size_bytes = export(unet, text, vae, PREVIEWED)
        print(f"exported {size_bytes / 1e6:.2f} MB after {minutes:.1f} min", flush=True)


def train(run: TrainingRun, minutes: float, publish_every: float) -> None:
    """Train until time is up or the run is stopped."""
    exact_attention(run.device)
    state = load_checkpoint(UNET_CHECKPOINT, run.device)
    if state:
        run.restore(state)
        print(f"resuming after step {run.step}, {run.spent / 60:.1f} min", flush=True)
    run.pool(SMALL if run.spent < run.small * minutes * 60 else (96, 96))
    clock = Clock(minutes, run.spent)
    recent: list[float] = []
    with stoppable(clock):
        while clock.running():
            recent.append(run.learn(clock.progress))
            if clock.due("report", 30):
                mean = sum(recent) / len(recent)
                print(f"unet step {run.step} {clock.spent / 60:.1f}/{minutes:g} min loss {mean:.4f}", flush=True)
                recent.clear()
            if clock.due("save", 180):
                save_checkpoint(UNET_CHECKPOINT, run.state(clock.spent))
            if clock.due("publish", publish_every * 60):
                run.publish(clock.spent / 60)
    save_checkpoint(UNET_CHECKPOINT, run.state(clock.spent))
    run.publish(clock.spent / 60)
    print(f"unet done: {run.step} steps in {clock.spent / 60:.1f} min, in {UNET_CHECKPOINT}", flush=True)


def main() -> None:
    """Train the UNet and the text encoder."""
    parser = argparse.ArgumentParser(prog="python -m training.unet", description=__doc__)
    parser.add_argument("--minutes", type=float, default=95, help="total minutes of training, including resumed runs")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument(
        "--images", type=int, default=32000, help="number of 64x64 images; fewer are drawn at larger sizes"
    )
    parser.add_argument("--times", type=int, default=1, help="factor that multiplies every batch size, for a GPU")
    parser.add_argument(
        "--small", type=float, default=SMALL_SHARE, help="fraction of the run that uses only small images"
    )
    parser.add_argument("--publish-every", type=float, default=15, help="minutes between exports")
    parser.add_argument("--start", type=Path, help="exported model to start from")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    chunks = args.images // 32 * 32
    large = chunks if args.small == 0 else chunks // 96 * 32
    counts = {(64, 64): chunks, (96, 96): large, (96, 64): chunks // 160 * 32, (64, 96): chunks // 160 * 32}
    if args.small == 0:
        counts[SMALL] = chunks // 160 * 32
    train(
        TrainingRun(args.seed, pick_device(), args.start, counts, args.times, args.small),
        args.minutes,
        args.publish_every,
    )


if __name__ == "__main__":
    main()
