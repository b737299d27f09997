"""Diffusers' own converters turn the lists of original layouts into exactly the names and shapes of its classes."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.core.models.published_names import published

SD1 = {"cross_attention_dim": 768}
SD2 = {"cross_attention_dim": 1024, "attention_head_dim": (5, 10, 20, 20), "use_linear_projection": True}
SDXL = {
    "block_out_channels": (320, 640, 1280),
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20),
    "cross_attention_dim": 2048,
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
VAE = {
    "down_block_types": ("DownEncoderBlock2D",) * 4,
    "up_block_types": ("UpDecoderBlock2D",) * 4,
    "block_out_channels": (128, 256, 512, 512),
    "layers_per_block": 2,
}


def converted(ident: str, function: str, *config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """Return the names and shapes that a converter of diffusers makes of a list."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diffusers.loaders import single_file_utils

        convert: Callable[..., dict[str, torch.Tensor | None]] = getattr(single_file_utils, function)
        tensors = {name: torch.empty(shape, device="meta") for name, shape in published()[ident].shapes.items()}
        state = convert(tensors, *config)
    return {name: tuple(tensor.shape) for name, tensor in state.items() if tensor is not None}


def config_of(name: str, **settings: Any) -> dict[str, Any]:
    """Return the whole config of a class of diffusers."""
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        import diffusers

        return dict(getattr(diffusers, name)(**settings).config)


@pytest.mark.parametrize(
    ("ident", "settings", "expected"),
    [
        ("sd1-checkpoint", SD1, "sd1-unet"),
        ("sd1-inpainting-checkpoint", {**SD1, "in_channels": 9}, "sd1-inpainting-unet"),
        ("sd2-checkpoint", SD2, "sd2-unet"),
        ("sdxl-checkpoint", SDXL, "sdxl-unet"),
    ],
)
def test_a_unet_in_the_layout_of_checkpoints_is_listed_exactly(
    ident: str, settings: dict[str, Any], expected: str
) -> None:
    config = config_of("UNet2DConditionModel", **settings)
    assert converted(ident, "convert_ldm_unet_checkpoint", config) == published()[expected].shapes


@pytest.mark.parametrize(
    ("ident", "settings", "expected"),
    [
        ("sd1-checkpoint", {}, "sd-vae"),
        ("sd-vae-ldm", {}, "sd-vae"),
        ("flux1-ae", {"latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False}, "flux1-vae"),
    ],
)
def test_a_vae_in_the_layout_of_checkpoints_is_listed_exactly(
    ident: str, settings: dict[str, Any], expected: str
) -> None:
    config = config_of("AutoencoderKL", **VAE, **settings)
    assert converted(ident, "convert_ldm_vae_checkpoint", config) == published()[expected].shapes


@pytest.mark.parametrize(
    ("ident", "function", "expected"),
    [
        ("flux1-dev", "convert_flux_transformer_checkpoint_to_diffusers", "flux1-dev-transformer"),
        ("flux2-dev", "convert_flux2_transformer_checkpoint_to_diffusers", "flux2-dev-transformer"),
        ("chroma", "convert_chroma_transformer_checkpoint_to_diffusers", "chroma-transformer"),
        ("sd3-medium", "convert_sd3_transformer_checkpoint_to_diffusers", "sd3-transformer"),
        ("z-image", "convert_z_image_transformer_checkpoint_to_diffusers", "z-image-transformer"),
        ("lumina2", "convert_lumina2_to_diffusers", "lumina2-transformer"),
        ("sana", "convert_sana_transformer_to_diffusers", "sana-transformer"),
    ],
)
def test_a_transformer_in_its_original_layout_is_listed_exactly(ident: str, function: str, expected: str) -> None:
    assert converted(ident, function) == published()[expected].shapes
