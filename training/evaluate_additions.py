"""Measure the effect of the LoRA and the ControlNet on pixels: `python -m training.evaluate_additions`."""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import ControlNetModel
from PIL import Image
from torch import Tensor

from training.addition import frozen
from training.controlnet import FOLDER as CONTROLNET
from training.controlnet import control
from training.draw import drawing, sheet
from training.draw_style import styled
from training.edges import agreement, edge_mask, edges
from training.evaluate_edits import share
from training.export import TARGET
from training.learn import RUNS, half_precision, pick_device
from training.lora import DIFFUSERS, OTHERS, fuse
from training.lora import FOLDER as LORA
from training.sample import Model, generate

SIZE = (96, 96)
GRAY = 24.0  # mean spread between a pixel's channels below which an image counts as gray
PAPER, LINE = 175, 140  # minimum brightness of the paper in a sketch, and maximum brightness of its lines
DRAWN_FROM = 31


def is_sketch(image: Image.Image) -> bool:
    """Return True if an image is a sketch: gray, mostly light paper, with some thin dark lines."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float32)
    light = pixels.mean(2)
    colorless = float((pixels.max(2) - pixels.min(2)).mean()) < GRAY
    paper, lines = float((light > PAPER).mean()), float((light < LINE).mean())
    return colorless and paper > 0.6 and 0.004 < lines < 0.25


def shown(count: int) -> list[tuple[str, Image.Image]]:
    """Return drawings that were not used in training, with their captions."""
    drawn = [drawing(DRAWN_FROM, index, *SIZE) for index in range(count)]
    return [(drawing.caption, drawing.image) for drawing in drawn]


def residuals(net: ControlNetModel, hints: Tensor, model: Model) -> Callable[[int, int], Any]:
    """Return a function that computes the ControlNet's residuals for the images [first, last), as UNet arguments."""

    def of(first: int, last: int) -> Callable[[Tensor, Tensor, Tensor], Mapping[str, Any]]:
        hint = torch.cat([hints[first:last]] * 2).to(model.device)

        def more(twice: Tensor, time: Tensor, states: Tensor) -> Mapping[str, Any]:
            with half_precision(model.device):
                down, middle = net(twice, time, states, hint, return_dict=False)
            return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}

        return more

    return of


def sketches(folder: Path, lora: Path, count: int, seeds: list[int]) -> None:
    """Print the style score of the drawings, then of images without the LoRA and with it in each file layout."""
    known = shown(count)
    drawn = [is_sketch(image) for _, image in known]
    styled_too = [is_sketch(styled(image, "sketch", random.Random(0))) for _, image in known]
    print(f"style score: plain drawings {share(drawn)}, drawings in sketch style {share(styled_too)}", flush=True)
    prompts = [words for words, _ in known]
    for name, file in (
        ("without LoRA", None),
        ("LoRA in diffusers layout", lora / DIFFUSERS),
        ("LoRA in kohya layout", lora / OTHERS),
    ):
        model = frozen(folder, pick_device())
        layers = fuse(model.unet, file) if file else 0
        made = generate(model, prompts, seeds, size=SIZE)
        print(f"style score, {name} ({layers} layers): {share([is_sketch(image) for image in made])}", flush=True)
        if file:
            sheet(list(zip(made, prompts, strict=True))[:32], columns=8).save(RUNS / "lora.png")


def follow_edges(folder: Path, controlnet: Path, count: int, seeds: list[int]) -> None:
    """Print how well edges of drawings match other drawings, and images made without and with the ControlNet."""
    known = shown(count)
    model = frozen(folder, pick_device())
    net = ControlNetModel.from_pretrained(str(controlnet)).float().to(model.device).eval()
    asked = [edge_mask(image) for _, image in known]
    others = [agreement(mask, other) for mask, other in zip(asked, asked[1:] + asked[:1], strict=True)]
    print(f"edge agreement between different drawings: {sum(others) / count:.2f}", flush=True)
    hints = control([image for _, image in known])
    plain = generate(model, [words for words, _ in known], seeds, size=SIZE)
    guided = generate(model, [words for words, _ in known], seeds, size=SIZE, more=residuals(net, hints, model))
    for name, made in (("without", plain), ("with", guided)):
        scores = [agreement(mask, edge_mask(image)) for mask, image in zip(asked, made, strict=True)]
        print(f"edge agreement {name} the ControlNet: {sum(scores) / count:.2f}", flush=True)
    pairs = [pair for (words, image), result in zip(known, guided, strict=True)
             for pair in ((edges(image), "edges"), (result, words))]  # fmt: skip
    sheet(pairs[:64], columns=8).save(RUNS / "controlnet.png")


def main() -> None:
    """Evaluate the LoRA and the ControlNet."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate_additions", description=__doc__)
    parser.add_argument("--model", type=Path, default=TARGET)
    parser.add_argument("--lora", type=Path, default=LORA)
    parser.add_argument("--controlnet", type=Path, default=CONTROLNET)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    seeds = [args.seed * 1000 + index for index in range(args.prompts)]
    sketches(args.model, args.lora, args.prompts, seeds)
    follow_edges(args.model, args.controlnet, args.prompts, seeds)


if __name__ == "__main__":
    main()
