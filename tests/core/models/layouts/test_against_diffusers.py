"""Each layout makes the tensors that diffusers' own converters make, bit for bit, from the published lists of names."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.models.layouts.choose import layout_of
from core.models.layouts.take import network_shapes
from core.models.part import PartSource
from tests.core.models.published_names import published

LDM_UNET, LDM_VAE = "model.diffusion_model.", "first_stage_model."
SHRUNK = 64
"""Widths are divided by this, so that a model is small; a layout looks at names only."""


def tensors_of(ident: str) -> dict[str, Tensor]:
    """Return small random tensors by the names of a published list, of shapes in proportion to the true ones."""
    torch.manual_seed(0)
    shapes = published()[ident].shapes
    return {name: torch.rand([max(1, size // SHRUNK) for size in shape]) for name, shape in shapes.items()}


def ours(part: str, tensors: Mapping[str, Tensor], layout: str, prefix: str, **config: Any) -> dict[str, Tensor]:
    source = PartSource(part, Path("model.safetensors"), config, layout, prefix)
    names = [name[len(prefix) :] for name in tensors if name.startswith(prefix)]
    return {name: take.of(tensors[prefix + take.name]) for name, take in layout_of(source)(names).items()}


def theirs(function: str, *arguments: Any, **options: Any) -> dict[str, Tensor]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diffusers.loaders import single_file_utils

        convert: Callable[..., dict[str, Tensor | None]] = getattr(single_file_utils, function)
        made = convert(*arguments, **options)
    return {name.removeprefix("text_model."): each for name, each in made.items() if each is not None}


def assert_same(mine: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    assert mine.keys() == expected.keys()
    assert [name for name in mine if not torch.equal(mine[name], expected[name])] == []


@pytest.mark.parametrize(
    "ident",
    [
        "sd1-checkpoint",
        "sd1-inpainting-checkpoint",
        "sd1-pix2pix-checkpoint",
        "sd1-ema-checkpoint",
        "sd2-checkpoint",
        "sd2-inpainting-checkpoint",
        "sd2-depth-checkpoint",
        "sdxl-checkpoint",
        "sdxl-inpainting-checkpoint",
        "sdxl-refiner-checkpoint",
        "ssd-1b-checkpoint",
        "vega-checkpoint",
    ],
)
def test_the_tensors_of_a_unet_equal_those_that_diffusers_converts(ident: str) -> None:
    tensors = tensors_of(ident)
    added = "text_time" if LDM_UNET + "label_emb.0.0.weight" in tensors else None
    config = {"layers_per_block": 2, "addition_embed_type": added}
    assert_same(ours("unet", tensors, "ldm", LDM_UNET), theirs("convert_ldm_unet_checkpoint", dict(tensors), config))


def test_a_unet_without_a_prefix_is_converted_like_one_with_a_prefix() -> None:
    tensors = tensors_of("sd1-unet-ldm")
    prefixed = {LDM_UNET + name: tensor for name, tensor in tensors.items()}
    expected = theirs("convert_ldm_unet_checkpoint", prefixed, {"layers_per_block": 2})
    assert_same(ours("unet", tensors, "ldm", ""), expected)


@pytest.mark.parametrize(
    ("ident", "prefix"), [("sd1-checkpoint", LDM_VAE), ("sdxl-checkpoint", LDM_VAE), ("sd-vae-ldm", "")]
)
def test_the_tensors_of_a_vae_equal_those_that_diffusers_converts(ident: str, prefix: str) -> None:
    tensors = tensors_of(ident)
    blocks = {"down_block_types": [""] * 4, "up_block_types": [""] * 4}
    assert_same(ours("vae", tensors, "ldm", prefix), theirs("convert_ldm_vae_checkpoint", dict(tensors), blocks))


@pytest.mark.parametrize(
    ("ident", "prefix", "layers"),
    [
        ("sd2-checkpoint", "cond_stage_model.model.", 23),
        ("sdxl-checkpoint", "conditioner.embedders.1.model.", 32),
        ("sdxl-refiner-checkpoint", "conditioner.embedders.0.model.", 32),
        ("clip-h-open", "", 24),
    ],
)
def test_the_tensors_of_an_open_clip_text_encoder_equal_those_that_diffusers_converts(
    ident: str, prefix: str, layers: int
) -> None:
    tensors = tensors_of(ident)
    width = tensors[prefix + "token_embedding.weight"].shape[1]
    model = SimpleNamespace(config=SimpleNamespace(hidden_size=width))
    expected = theirs("convert_open_clip_checkpoint", model, dict(tensors), prefix=prefix)
    mine = ours("text_encoder_2", tensors, "open-clip", prefix, num_hidden_layers=layers)
    if layers == 23:  # the text encoder of Stable Diffusion 2 has no projection, so diffusers leaves it out
        del mine["text_projection.weight"]
    assert_same(mine, expected)


@pytest.mark.parametrize(
    ("ident", "prefix"),
    [("sd1-checkpoint", "cond_stage_model.transformer."), ("sdxl-checkpoint", "conditioner.embedders.0.transformer.")],
)
def test_the_tensors_of_a_transformers_text_encoder_equal_those_that_diffusers_converts(
    ident: str, prefix: str
) -> None:
    tensors = tensors_of(ident)
    expected = theirs("convert_ldm_clip_checkpoint", dict(tensors))
    expected.pop("embeddings.position_ids", None)
    assert_same(ours("text_encoder", tensors, "transformers", prefix), expected)


@pytest.mark.parametrize(
    ("ident", "part", "layout", "prefix", "expected"),
    [
        ("sd1-checkpoint", "unet", "ldm", LDM_UNET, "sd1-unet"),
        ("sd1-inpainting-checkpoint", "unet", "ldm", LDM_UNET, "sd1-inpainting-unet"),
        ("sd1-pix2pix-checkpoint", "unet", "ldm", LDM_UNET, "sd1-pix2pix-unet"),
        ("sd2-checkpoint", "unet", "ldm", LDM_UNET, "sd2-unet"),
        ("sd2-depth-checkpoint", "unet", "ldm", LDM_UNET, "sd2-depth-unet"),
        ("sdxl-checkpoint", "unet", "ldm", LDM_UNET, "sdxl-unet"),
        ("sdxl-inpainting-checkpoint", "unet", "ldm", LDM_UNET, "sdxl-inpainting-unet"),
        ("sdxl-refiner-checkpoint", "unet", "ldm", LDM_UNET, "sdxl-refiner-unet"),
        ("ssd-1b-checkpoint", "unet", "ldm", LDM_UNET, "ssd-1b-unet"),
        ("sd1-checkpoint", "vae", "ldm", LDM_VAE, "sd-vae"),
        ("sd-vae-ldm", "vae", "ldm", "", "sd-vae"),
        ("sd1-checkpoint", "text_encoder", "transformers", "cond_stage_model.transformer.", "clip-l"),
        ("sdxl-checkpoint", "text_encoder_2", "open-clip", "conditioner.embedders.1.model.", "clip-g"),
    ],
)
def test_the_names_and_shapes_are_those_of_the_class(
    ident: str, part: str, layout: str, prefix: str, expected: str
) -> None:
    shapes = {
        name[len(prefix) :]: shape for name, shape in published()[ident].shapes.items() if name.startswith(prefix)
    }
    found = network_shapes(shapes, layout_of(PartSource(part, Path("model.safetensors"), {}, layout, prefix)))
    known = {name.removeprefix("text_model."): shape for name, shape in published()[expected].shapes.items()}
    assert found == known
