"""Turn latents into pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.devices import memory_errors, threads_for
from core.errors import OutOfMemory
from core.models.parts import Parts

if TYPE_CHECKING:
    from PIL.Image import Image

TILED_ABOVE_PX = 1024 * 1024
"""Above this many pixels the decoder, which takes about 2.5 KB of memory for each in fp32, goes tile by tile."""

TILE_PX = 512


def decode(latents: Tensor, parts: Parts, *, tiled: bool | None = None) -> list[Image]:
    """Decode latents (b, c, h/f, w/f) into b pictures in RGB; `tiled` None decides by size, then by memory.

    Raises: ModelError, OutOfMemory.
    """
    from PIL import Image

    factor = parts.card.vae_scale_factor
    large = latents.shape[-1] * latents.shape[-2] * factor * factor > TILED_ABOVE_PX
    try:
        pixels = _pixels(latents, parts, tiled=large if tiled is None else tiled)
    except OutOfMemory:
        if tiled is not None or large:
            raise
        pixels = _pixels(latents, parts, tiled=True)
    return [Image.fromarray(one) for one in pixels]


def _pixels(latents: Tensor, parts: Parts, *, tiled: bool) -> Any:
    """Decode into numpy uint8 (b, h, w, 3)."""
    vae = parts.vae()
    with torch.inference_mode(), memory_errors(parts.device), threads_for(parts.card.size_bytes):
        scaled = unscale(latents.to(parts.device.torch_device()), vae)
        decoded = _decoded(vae, scaled.to(parts.device.torch_dtype()), tiled=tiled)
        if parts.device.dtype_name == "fp16" and not torch.isfinite(decoded).all():
            # The decoders of some models leave the range of fp16; the same weights in fp32 do not.
            decoded = _decoded(vae.float(), scaled.float(), tiled=tiled)
            vae.half()
        return to_uint8(decoded)


def to_uint8(decoded: Tensor) -> Any:
    """Turn a decoder's output (b, 3, h, w) in [-1, 1] into numpy uint8 (b, h, w, 3)."""
    unit = (decoded.float() * 0.5 + 0.5).clamp(0, 1)
    return (unit * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def unscale(latents: Tensor, vae: Any) -> Tensor:
    """Take latents from the UNet's scale, about 1, to the autoencoder's."""
    scaled: Tensor = latents / vae.config.scaling_factor + (getattr(vae.config, "shift_factor", None) or 0.0)
    return scaled


def set_tiling(vae: Any, *, tiled: bool) -> None:
    """Let the autoencoder work tile by tile or whole; tiles of a small model's own size would show their seams."""
    vae.use_tiling = tiled
    side = max(vae.config.sample_size, TILE_PX)
    vae.tile_sample_min_size = side
    vae.tile_latent_min_size = side // 2 ** (len(vae.config.block_out_channels) - 1)


def _decoded(vae: Any, latents: Tensor, *, tiled: bool) -> Tensor:
    set_tiling(vae, tiled=tiled)
    decoded: Tensor = vae.decode(latents, return_dict=False)[0]
    return decoded
