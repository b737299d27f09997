"""Joined runs compute fewer layers, and the others are not changed by a bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch

from core.denoising.inputs import DenoiseInputs
from core.denoising.joined_layers import Shared
from core.denoising.loop import denoise
from core.denoising.split_upsampling import SplitUpsampling
from core.devices import choose_device
from core.latents.noise import make_noise
from core.model_paths import DEFAULT_PATH
from core.models.catalog import card_at
from core.models.components import LoadedModel
from core.models.memory import ModelMemory

ModelOf = Callable[..., LoadedModel]
RequestFor = Callable[..., DenoiseInputs]

pytestmark = pytest.mark.usefixtures("one_thread")

SEEDS = (1, 2, 3)


def replaced(unet: Any, kind: type) -> list[Any]:
    return [module for module in unet.modules() if isinstance(vars(module).get("forward"), kind)]


def unprepared(unet: Any) -> None:
    """Undo `prepare_joined_layers`."""
    for module in [*replaced(unet, Shared), *replaced(unet, SplitUpsampling)]:
        del module.forward
    vars(unet).pop("has_joined_layers", None)


@contextmanager
def rows_of(layer: Any) -> Iterator[list[int]]:
    """Count the samples that a layer with a replaced `forward` computes in each call."""
    whole, rows = layer.forward._forward, list[int]()
    layer.forward._forward = lambda self, given: (rows.append(len(given)), whole(self, given))[1]
    try:
        yield rows
    finally:
        layer.forward._forward = whole


@pytest.mark.parametrize("recipe", ["sd1", "sd2", "inpaint", "pix2pix", "sdxl", "lcm"])
def test_joined_runs_differ_by_rounding_and_other_runs_not_at_all(
    model_of: ModelOf, recipe: str, request_for: RequestFor
) -> None:
    model, image = model_of(recipe), make_noise([8], 4, 64, 64, 8)
    given = {
        "inpaint": {"latents": image, "mask": torch.ones(1, 1, 8, 8).tril(), "masked_latents": image},
        "pix2pix": {"edited": image},
    }
    request = replace(request_for(model, SEEDS), **given.get(recipe, {}))  # type: ignore[arg-type]
    unprepared(model.unet())
    plain = denoise(request, model)
    joined = denoise(replace(request, joined=True), model)
    assert replaced(model.unet(), Shared)
    assert (joined - plain).abs().max() < 1e-4 * plain.abs().max()
    assert torch.equal(denoise(request, model), plain)


@pytest.mark.parametrize(
    ("recipe", "changes", "rows"),
    [
        ("sd1", {"joined": True}, 3),
        ("sd1", {}, 6),
        ("sd1", {"joined": True, "guidance": 1.0}, 3),
        ("sdxl", {"joined": True}, 6),  # its embeddings contain pooled states of the prompts
        ("pix2pix", {"joined": True, "edited": make_noise([8], 4, 64, 64, 8)}, 9),  # one of its sides has no image
    ],
    ids=str,
)
def test_layers_before_the_prompt_compute_equal_sides_of_guidance_once(
    model_of: ModelOf, recipe: str, changes: dict[str, Any], rows: int, request_for: RequestFor
) -> None:
    model = model_of(recipe)
    request = request_for(model, SEEDS, steps=2)
    denoise(replace(request, **{**changes, "joined": True}), model)  # prepares the UNet
    with rows_of(model.unet().conv_in) as seen:
        denoise(replace(request, **changes), model)
    assert seen == [rows, rows]


def test_layers_are_shared_up_to_the_first_attention_to_the_prompt(model_of: ModelOf, request_for: RequestFor) -> None:
    default = LoadedModel(card_at(DEFAULT_PATH), choose_device("cpu"), ModelMemory())
    for model, blocks in ((model_of("sd1"), 0), (default, 1)):
        unet = model.unet()
        denoise(replace(request_for(model, SEEDS, steps=1), joined=True), model)
        block = unet.down_blocks[blocks]
        transformer = block.attentions[0]
        inner = transformer.transformer_blocks[0]
        expected = [
            unet.conv_in, *unet.down_blocks[:blocks], block.resnets[0], transformer.norm, transformer.proj_in,
            inner.norm1, inner.attn1, inner.norm2, inner.attn2.to_q,
        ]  # fmt: skip
        assert {*map(id, replaced(unet, Shared))} == {*map(id, expected)}


@pytest.mark.parametrize(("size_bytes", "count"), [(64 * 2**20 - 1, 1), (64 * 2**20, 0)])
def test_only_small_models_split_convolutions_after_enlargements(
    model_of: ModelOf, size_bytes: int, count: int, request_for: RequestFor
) -> None:
    small = model_of("sd1")
    model = LoadedModel(replace(small.card, size_bytes=size_bytes), small.device, ModelMemory())
    denoise(replace(request_for(model, SEEDS, steps=1), joined=True), model)
    assert len(replaced(model.unet(), SplitUpsampling)) == count
