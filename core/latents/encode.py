"""Encode images into latents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from core.devices import limit_threads, memory_errors
from core.errors import BadSetting
from core.models.components import LoadedModel
from core.models.diffusers_classes import gaussian_class
from core.sliced_attention import SlicedAttention
from core.stopping import stoppable

from .decode import moments, needs_tiling, used_alone
from .noise import generators
from .norms import with_shared_norms
from .size import check_size
from .tiles import blend, cut, side_for

if TYPE_CHECKING:
    from PIL.Image import Image


def encode_images(
    images: Sequence[Image],
    model: LoadedModel,
    *,
    seeds: Sequence[int] | None = None,
    draws_before: int = 0,
    hole: Image | None = None,
    tiled: bool | None = None,
) -> Tensor:
    """Encode images of one size into latents (b, c, h/f, w/f) in float32 on the device.

    seeds: one per image, to sample latents from the VAE's distribution, as in diffusers' pipelines. Without seeds, the
    latents are the mode of that distribution, so they are deterministic.
    hole: a mask; where it is white, pixels are first set to mid-gray (0 for the VAE), as inpainting UNets expect.
    tiled: as in `decode`.

    Raises: BadSize, BadSetting, ModelError, OutOfMemory, Cancelled.
    """
    _check(images, model, seeds)
    vae = model.vae()
    with (
        torch.inference_mode(),
        memory_errors(model.device),
        limit_threads(model.card.size_bytes, model.device.threads),
        used_alone(vae, model),
        stoppable(vae, model.cancelled),
    ):
        pixels = to_tensor(images) * (1.0 if hole is None else _kept(hole))
        pixels = pixels.to(model.device.torch_device(), vae.dtype)
        if tiled is None:
            tiled = needs_tiling(vae, pixels.shape[-1] * pixels.shape[-2])
        around = _in_tiles(vae, pixels) if tiled else vae.encode(pixels, return_dict=False)[0]
        latents = around.mode() if seeds is None else _sampled(around, seeds, draws_before)
        # The convolutions that follow would round differently if the memory were not contiguous.
        return scale(latents.float(), vae).contiguous()


def to_tensor(images: Sequence[Image]) -> Tensor:
    """Stack images into (b, 3, h, w) in [-1, 1]."""
    pixels = np.stack([np.asarray(image.convert("RGB"), dtype=np.float32) for image in images])
    return torch.from_numpy(pixels / np.float32(255)).permute(0, 3, 1, 2) * 2.0 - 1.0


def scale(latents: Tensor, vae: Any) -> Tensor:
    """Convert latents from the VAE's scale to the UNet's, a standard deviation of about 1."""
    mean, deviation = moments(vae, latents)
    scaled: Tensor = (latents - mean) * float(vae.config.scaling_factor)
    return scaled if deviation is None else scaled / deviation


def _in_tiles(vae: Any, pixels: Tensor) -> Any:
    """Encode tile by tile while features are large; the rest, including the attention, runs untiled."""
    encoder = vae.encoder
    cell_px = 2 ** (len(encoder.down_blocks) - 1)
    height, width = pixels.shape[-2] // cell_px, pixels.shape[-1] // cell_px

    def reduce(tile: Tensor) -> Tensor:
        features: Tensor = encoder.conv_in(tile)
        for block in encoder.down_blocks:
            features = block(features)
        return features

    tiles = cut(height, width, side_for(height, width))
    features = blend(zip(tiles, with_shared_norms(reduce, tiles, pixels, cell_px), strict=True), height, width, 1)
    with SlicedAttention():
        features = encoder.mid_block(features.to(pixels.dtype))
    features = encoder.conv_out(encoder.conv_act(encoder.conv_norm_out(features)))
    return gaussian_class()(features if vae.quant_conv is None else vae.quant_conv(features))


def _kept(hole: Image) -> Tensor:
    """Return a tensor (1, 1, h, w) with 1 where pixels are kept and 0 where they are erased."""
    return torch.from_numpy(np.asarray(hole.convert("L")) < 128).float()[None, None]


def _sampled(around: Any, seeds: Sequence[int], draws_before: int) -> Tensor:
    """Sample the latents of each image with its own generator."""
    shape = (1, *around.mean.shape[1:])
    noise = [
        torch.randn(shape, generator=generator, dtype=around.mean.dtype)
        for generator in generators(seeds, shape, draws_before)
    ]
    drawn: Tensor = around.mean + around.std * torch.cat(noise).to(around.mean.device)
    return drawn


def _check(images: Sequence[Image], model: LoadedModel, seeds: Sequence[int] | None) -> None:
    if not images:
        raise BadSetting("images", "empty", "at least one")
    for image in images:
        check_size(image.width, image.height, model.card.size_multiple)
        if image.size != images[0].size:
            raise BadSetting("images", "of different sizes", "of the same size")
    if seeds is not None and len(seeds) != len(images):
        raise BadSetting("seeds", len(seeds), f"one per image ({len(images)})")
