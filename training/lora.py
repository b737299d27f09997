"""Train a LoRA for the style of a pencil sketch: `python -m training.lora` (Hu et al., arXiv:2106.09685)."""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as fn

from training.addition import batch_of, examples, frozen, train_module
from training.draw_style import styled
from training.export import TARGET
from training.learn import RUNS, half_precision, pick_device

CHECKPOINT = RUNS / "lora.pt"
FOLDER = Path("tests/material/lora")
DIFFUSERS, OTHERS = "pytorch_lora_weights.safetensors", "pencil_sketch.safetensors"
RANK, BATCH = 8, 16
PREFIX = "lora_unet_"


class LowRank(nn.Module):
    """A layer with a trainable low-rank update: base(x) + up(down(x))."""

    def __init__(self, base: nn.Linear | nn.Conv2d, rank: int) -> None:
        super().__init__()
        self.base = base
        self.down: nn.Module
        self.up: nn.Module
        if isinstance(base, nn.Conv2d):
            shape = (base.kernel_size, base.stride, base.padding)
            self.down = nn.Conv2d(base.in_channels, rank, *shape, bias=False)  # type: ignore[arg-type]
            self.up = nn.Conv2d(rank, base.out_channels, 1, bias=False)
        else:
            self.down = nn.Linear(base.in_features, rank, bias=False)
            self.up = nn.Linear(rank, base.out_features, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer and its update."""
        whole: Tensor = self.base(x) + self.up(self.down(x))
        return whole


def targets(unet: UNet2DConditionModel) -> list[str]:
    """Return the names of the layers to adapt: attention, feed-forward and residual-block convolutions."""
    wanted = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out", "conv1", "conv2")
    return [name for name, _ in unet.named_modules() if name.endswith(wanted)]


def widen(unet: UNet2DConditionModel, rank: int = RANK) -> dict[str, LowRank]:
    """Replace each target layer with one that has a low-rank update."""
    made: dict[str, LowRank] = {}
    for name in targets(unet):
        parent, _, last = name.rpartition(".")
        holder = unet.get_submodule(parent)
        made[name] = LowRank(getattr(holder, last), rank)
        setattr(holder, last, made[name])
    return made


def write(made: dict[str, LowRank], folder: Path) -> list[Path]:
    """Write the LoRA in float16 twice: in diffusers' layout, and in kohya's, which other tools read."""
    folder.mkdir(parents=True, exist_ok=True)
    ours: dict[str, Tensor] = {}
    theirs: dict[str, Tensor] = {}
    for name, layer in made.items():
        down, up = (part.weight.detach().half().cpu().contiguous() for part in (layer.down, layer.up))  # type: ignore[operator]
        ours[f"unet.{name}.lora_A.weight"], ours[f"unet.{name}.lora_B.weight"] = down, up
        flat = PREFIX + name.replace(".", "_")
        theirs[f"{flat}.lora_down.weight"], theirs[f"{flat}.lora_up.weight"] = down.clone(), up.clone()
        theirs[f"{flat}.alpha"] = torch.tensor(float(RANK), dtype=torch.float16)
    save_file(ours, str(folder / DIFFUSERS), metadata={"format": "pt"})
    about = {
        "ss_network_module": "networks.lora",
        "ss_network_dim": str(RANK),
        "ss_network_alpha": str(RANK),
        "ss_output_name": "pencil_sketch",
        "ss_base_model_version": "invokeai-cli default",
    }
    save_file(theirs, str(folder / OTHERS), metadata=about)
    return [folder / DIFFUSERS, folder / OTHERS]


@torch.no_grad()
def fuse(unet: UNet2DConditionModel, file: Path, scale: float = 1.0) -> int:
    """Fuse a LoRA file of either layout into a UNet's weights; return the number of layers changed."""
    stored = load_file(str(file))
    names = {PREFIX + name.replace(".", "_"): name for name in targets(unet)}
    changed = 0
    for key, down in stored.items():
        if key.endswith(".lora_A.weight"):
            name, up, share = key[5:-14], stored[key.replace("lora_A", "lora_B")], 1.0
        elif key.endswith(".lora_down.weight"):
            flat = key.removesuffix(".lora_down.weight")
            name, up = names[flat], stored[f"{flat}.lora_up.weight"]
            share = float(stored[f"{flat}.alpha"]) / len(down)
        else:
            continue
        weight = unet.get_submodule(name).weight
        product = up.float().flatten(1) @ down.float().flatten(1)
        weight += scale * share * product.view_as(weight).to(weight)
        changed += 1
    return changed


def main() -> None:
    """Train the LoRA and write its files."""
    parser = argparse.ArgumentParser(prog="python -m training.lora", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--images", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = frozen(args.model, pick_device())
    shown = examples(
        model, args.seed, args.images, lambda drawing, index: styled(drawing.image, "sketch", random.Random(index))
    )
    torch.manual_seed(args.seed)
    made = widen(model.unet)
    model.unet.to(model.device)

    def loss() -> Tensor:
        batch = batch_of(model, shown, BATCH, without_words=0.1)
        with half_precision(model.device):
            guess = model.unet(batch.noisy, batch.times, batch.states).sample
        return fn.mse_loss(guess.float(), batch.velocity)

    steps = train_module("lora", model.unet, args.minutes, args.seed, CHECKPOINT, loss)
    for file in write(made, args.out):
        print(f"{file.stat().st_size / 1e6:.2f} MB written to {file} after {steps} steps", flush=True)


if __name__ == "__main__":
    main()
