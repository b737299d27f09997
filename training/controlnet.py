"""Train a ControlNet that follows edges: `python -m training.controlnet` (Zhang et al., arXiv:2302.05543)."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from diffusers import ControlNetModel, UNet2DConditionModel
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor
from torch.nn import functional as fn

from training.addition import batch_of, examples, frozen, train_module
from training.edges import edges
from training.export import TARGET
from training.learn import RUNS, half_precision, pick_device
from training.parts import TEXT_WIDTH

CHECKPOINT = RUNS / "controlnet.pt"
FOLDER = Path("tests/material/controlnet")
OTHERS = "edges.safetensors"
BATCH = 16


def new_controlnet(unet: UNet2DConditionModel) -> ControlNetModel:
    """Create a ControlNet initialized from the UNet's blocks; it has no attention, to stay small (1.2 M weights)."""
    net = ControlNetModel(
        in_channels=4,
        conditioning_channels=3,
        down_block_types=("DownBlock2D",) * 3,
        mid_block_type="UNetMidBlock2D",
        block_out_channels=(64, 96, 128),
        layers_per_block=1,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
        conditioning_embedding_out_channels=(
            16,
            32,
            64,
        ),  # two blocks halve the resolution, because the VAE scale factor is 4
    )
    own = net.state_dict()
    shared = {name: weight for name, weight in unet.state_dict().items() if name in own}
    net.load_state_dict({**own, **shared})
    return net


def control(images: list[Image.Image]) -> Tensor:
    """Return the edges of images as the conditioning tensor (b, 3, h, w) in [0, 1]."""
    drawn = np.stack([np.asarray(edges(image)) for image in images])
    return torch.from_numpy(drawn).permute(0, 3, 1, 2).float() / 255


def other_names(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename the weights to the authors' original layout (`control_model.input_blocks...`), which other tools read."""
    places = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0",
              "time_embedding.linear_2": "time_embed.2", "controlnet_mid_block": "middle_block_out.0",
              "mid_block.resnets.0": "middle_block.0"}  # fmt: skip
    parts = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
             "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}  # fmt: skip
    hints = ["conv_in", *(f"blocks.{number}" for number in range(4)), "conv_out"]
    for number, name in enumerate(hints):
        places[f"controlnet_cond_embedding.{name}"] = f"input_hint_block.{2 * number}"
    for level in range(3):
        places[f"down_blocks.{level}.resnets.0"] = f"input_blocks.{2 * level + 1}.0"
        places[f"down_blocks.{level}.downsamplers.0.conv"] = f"input_blocks.{2 * level + 2}.0.op"
    for number in range(6):
        places[f"controlnet_down_blocks.{number}"] = f"zero_convs.{number}.0"
    named: dict[str, Tensor] = {}
    for name, weight in weights.items():
        start = max((place for place in places if name.startswith(place + ".")), key=len)
        rest = name[len(start) + 1 :]
        head, dot, tail = rest.partition(".")
        named[f"control_model.{places[start]}.{parts[head] + dot + tail if head in parts else rest}"] = weight
    return named


def write(net: ControlNetModel, folder: Path) -> list[Path]:
    """Write the ControlNet in float16 twice: in the diffusers layout, and as the single file that other tools read."""
    net = net.cpu().half().eval()
    net.save_pretrained(str(folder))
    weights = {name: weight.contiguous() for name, weight in net.state_dict().items()}
    save_file(other_names(weights), str(folder / OTHERS), metadata={"format": "pt"})
    return [folder / "diffusion_pytorch_model.safetensors", folder / OTHERS]


def main() -> None:
    """Train the ControlNet and write its files."""
    parser = argparse.ArgumentParser(prog="python -m training.controlnet", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--minutes", type=float, default=14)
    parser.add_argument("--images", type=int, default=3200)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = frozen(args.model, pick_device())
    shown = examples(model, args.seed, args.images, lambda drawing, index: drawing.image)
    hints = torch.cat([control(shown.images[at : at + 64]) for at in range(0, len(shown.images), 64)])
    net = new_controlnet(model.unet).to(model.device)

    def loss() -> Tensor:
        batch = batch_of(model, shown, BATCH, without_words=0.3)
        with half_precision(model.device):
            down, middle = net(
                batch.noisy, batch.times, batch.states, hints[batch.chosen].to(model.device), return_dict=False
            )
            guess = model.unet(
                batch.noisy,
                batch.times,
                batch.states,
                down_block_additional_residuals=down,
                mid_block_additional_residual=middle,
            ).sample
        return fn.mse_loss(guess.float(), batch.velocity)

    steps = train_module("controlnet", net, args.minutes, args.seed, CHECKPOINT, loss)
    for file in write(net, args.out):
        print(f"{file.stat().st_size / 1e6:.2f} MB written to {file} after {steps} steps", flush=True)


if __name__ == "__main__":
    main()
