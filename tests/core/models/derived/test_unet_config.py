"""The config of a UNet is derived from its tensors, and makes the same network."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from core.models.contents import Shape
from core.models.derived.config import derived_config
from core.models.derived.unet import unet_config
from core.models.part import PartSource
from tests.core.models.published_configs import (
    KOALA_1B,
    KOALA_700M,
    REFINER,
    SD1,
    SD2,
    SDXL,
    SSD_1B,
    UNETS,
    VEGA,
    settings_of,
)
from tests.core.models.published_names import published

TINY: dict[str, dict[str, Any]] = {
    "sd1": {"block_out_channels": [32, 64], "down_block_types": ["CrossAttnDownBlock2D", "DownBlock2D"],
            "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D"], "cross_attention_dim": 48, "layers_per_block": 1,
            "sample_size": 64},
    "sdxl": {"block_out_channels": [32, 64], "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D"],
             "up_block_types": ["CrossAttnUpBlock2D", "UpBlock2D"], "cross_attention_dim": 64,
             "transformer_layers_per_block": 2, "attention_head_dim": [1, 1], "use_linear_projection": True,
             "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
             "projection_class_embeddings_input_dim": 1536 + 32, "sample_size": 64},
}  # fmt: skip
PRUNED = {"vega": VEGA, "koala-700m": KOALA_700M, "koala-1b": KOALA_1B}
ALL = {**UNETS, **PRUNED, **{f"tiny-{name}": config for name, config in TINY.items()}}
LDM = {
    "sd1-checkpoint": ("sd1", SD1),
    "sd2-checkpoint": ("sd2", SD2),
    "sd2-inpainting-checkpoint": ("sd2", {**SD2, "in_channels": 9}),
    "sdxl-checkpoint": ("sdxl", SDXL),
    "ssd-1b-checkpoint": ("sdxl", SSD_1B),
    "vega-checkpoint": ("sdxl", VEGA),
    "sdxl-refiner-checkpoint": ("sdxl-refiner", REFINER),
}


@cache
def unet_class() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diffusers import UNet2DConditionModel
    return UNet2DConditionModel


def network(config: Mapping[str, Any]) -> Any:
    with torch.device("meta"):
        return unet_class().from_config(dict(config))


def shapes_of(module: nn.Module) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}


def heads_of(module: nn.Module) -> dict[str, int]:
    return {name: each.heads for name, each in module.named_modules() if hasattr(each, "heads")}


@pytest.mark.parametrize("name", ALL)
def test_the_derived_config_is_the_published_one_and_makes_the_same_network(name: str) -> None:
    real = network(ALL[name])
    made = network(unet_config(shapes_of(real), sample_size=ALL[name]["sample_size"]))
    assert settings_of(made) == settings_of(real)
    assert shapes_of(made) == shapes_of(real)
    assert heads_of(made) == heads_of(real)


@pytest.mark.parametrize("name", UNETS)
def test_a_published_list_in_diffusers_layout_has_the_published_config(name: str) -> None:
    found = unet_config(published()[name].shapes, sample_size=UNETS[name]["sample_size"])
    assert {key: found[key] for key in UNETS[name]} == {**UNETS[name]}


@pytest.mark.parametrize("name", LDM)
def test_a_published_checkpoint_has_the_published_config(name: str) -> None:
    family, config = LDM[name]
    source = PartSource("unet", Path("model.safetensors"), layout="ldm", prefix="model.diffusion_model.")
    found = derived_config(source, published()[name].shapes, family)
    assert {key: found[key] for key in config} == config


def test_stable_diffusion_2_with_velocity_prediction_is_made_for_768_pixels() -> None:
    source = PartSource("unet", Path("model.safetensors"), layout="ldm", prefix="model.diffusion_model.")
    shapes = published()["sd2-checkpoint"].shapes
    assert derived_config(source, shapes, "sd2", prediction="v_prediction")["sample_size"] == 768 // 8


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda shapes: drop(shapes, "down_blocks.1."), "there is no down_blocks.1"),
        (lambda shapes: drop(shapes, "up_blocks.3."), "it has 4 levels down and 3 levels up"),
        (
            lambda shapes: drop(shapes, "up_blocks.1.attentions.2."),
            "only 2 layers of up_blocks.1 have attention",
        ),
        (lambda shapes: {n: s for n, s in shapes.items() if "attn2" not in n}, "it takes no text"),
    ],
)
def test_a_network_that_diffusers_has_no_class_for_is_refused(harm: Any, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        unet_config(harm(published()["sd1-unet"].shapes))


def drop(shapes: Mapping[str, Shape], start: str) -> dict[str, Shape]:
    return {name: shape for name, shape in shapes.items() if not name.startswith(start)}
