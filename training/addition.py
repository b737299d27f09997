"""Training code shared by LoRA and ControlNet: the frozen model, the training examples, a resumable training loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn

from training.draw import Drawing, drawing
from training.learn import Clock, exact_attention, half_precision, load_checkpoint, save_checkpoint, schedule, stoppable
from training.sample import Model, load
from training.unet import Noiser, spread_times
from training.vae import to_tensor

Redraw = Callable[[Drawing, int], Image.Image]
SIZE = (96, 96)


@dataclass(frozen=True)
class Examples:
    """Training examples: scaled latents (n, 4, 24, 24), their captions and the images that were encoded."""

    latents: Tensor
    captions: list[str]
    images: list[Image.Image]


def frozen(folder: Path, device: torch.device) -> Model:
    """Load an exported model with frozen weights."""
    exact_attention(device)
    model = load(str(folder), device)
    for part in (model.unet, model.text_encoder, model.vae):
        part.requires_grad_(False)
    return model


@torch.no_grad()
def examples(model: Model, seed: int, count: int, redraw: Redraw) -> Examples:
    """Make drawings, redraw each with `redraw`, and encode the results."""
    drawn = [drawing(seed, index, *SIZE) for index in range(count)]
    images = [redraw(drawing, index) for index, drawing in enumerate(drawn)]
    latents = []
    for first in range(0, count, 32):
        with half_precision(model.device):
            some = to_tensor(images[first : first + 32]).to(model.device)
            mean = model.vae.encode(some).latent_dist.mode()
        latents.append(mean.float() * model.vae.config.scaling_factor)
    return Examples(torch.cat(latents), [drawing.caption for drawing in drawn], images)


@dataclass(frozen=True)
class Batch:
    """A training batch: noisy latents, timesteps, text states and target velocities of the examples in `chosen`."""

    noisy: Tensor
    times: Tensor
    states: Tensor
    velocity: Tensor
    chosen: list[int]


def batch_of(model: Model, shown: Examples, count: int, without_words: float) -> Batch:
    """Sample a batch; each caption is replaced by an empty one with probability `without_words`."""
    chosen = torch.randint(0, len(shown.captions), (count,)).tolist()
    silent = torch.rand(count) < without_words
    words = ["" if quiet else shown.captions[index] for index, quiet in zip(chosen, silent.tolist(), strict=True)]
    latents = shown.latents[chosen]
    times = spread_times(count, model.device)
    noisy, velocity = Noiser(model.device).mix(latents, torch.randn_like(latents), times)
    with torch.no_grad():
        states = model.encode(words)
    return Batch(noisy, times, states, velocity, chosen)


def train_module(
    what: str, module: nn.Module, minutes: float, seed: int, checkpoint: Path, loss: Callable[[], Tensor]
) -> int:
    """Train a module's own weights until time is up or the run is stopped; return the total number of steps."""
    weights: Sequence[Tensor] = [weight for weight in module.parameters() if weight.requires_grad]
    optim = torch.optim.AdamW(weights, lr=1e-3, betas=(0.9, 0.98), weight_decay=0.0)
    step, spent = 0, 0.0
    if state := load_checkpoint(checkpoint, weights[0].device):
        module.load_state_dict(state["module"], strict=False)
        optim.load_state_dict(state["optim"])
        step, spent = state["step"], state["spent"]
    clock = Clock(minutes, spent)
    recent: list[float] = []

    def save() -> None:
        own = {name: weight for name, weight in module.named_parameters() if weight.requires_grad}
        save_checkpoint(checkpoint, {"module": own, "optim": optim.state_dict(), "step": step, "spent": clock.spent})

    with stoppable(clock):
        while clock.running():
            torch.manual_seed(seed * 1_000_003 + step)
            value = loss()
            optim.zero_grad(set_to_none=True)
            torch.autograd.backward(value)
            nn.utils.clip_grad_norm_(weights, 1.0)
            optim.param_groups[0]["lr"] = 1e-3 * schedule(clock.progress)
            optim.step()
            step += 1
            recent.append(float(value.detach()))
            if clock.due("report", 30):
                mean = sum(recent) / len(recent)
                print(f"{what} step {step} {clock.spent / 60:.1f}/{minutes:g} min loss {mean:.4f}", flush=True)
                recent.clear()
            if clock.due("save", 120):
                save()
    save()
    return step
