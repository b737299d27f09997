"""Decode latents into images."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from core.devices import limit_threads, memory_errors
from core.models.components import LoadedModel
from core.prepared_networks import lock_of
from core.sliced_attention import SlicedAttention
from core.stopping import acquired, stoppable

from .norms import with_shared_norms
from .tiles import blend, cut, side_for

if TYPE_CHECKING:
    from PIL.Image import Image

TILED_ABOVE_BYTES = 2560 * 1024 * 1024
BYTES_PER_PIXEL_CHANNEL = 20
"""Peak memory of the VAE in fp32, in bytes per pixel and per channel of its first block. With the 128 channels of
Stable Diffusion, this is 2.5 KB per pixel."""


def decode(latents: Tensor, model: LoadedModel, *, tiled: bool | None = None) -> list[Image]:
    """Decode latents (b, c, h/f, w/f) into b images in RGB.

    tiled: whether to decode in tiles; None decides by size. Tiling needs the memory of a single tile but takes several
    times as long; pixel values (0 to 255) differ by a few at most.

    Raises: ModelError, OutOfMemory, Cancelled.
    """
    from PIL import Image

    vae = model.vae()
    if tiled is None:
        tiled = needs_tiling(vae, latents.shape[-1] * latents.shape[-2] * model.card.vae_scale_factor**2)
    return [Image.fromarray(pixels) for pixels in _pixels(vae, latents, model, tiled=tiled)]


def needs_tiling(vae: Any, pixels: int) -> bool:
    """Return True if an image of this many pixels should be processed in tiles."""
    return pixels * int(vae.config.block_out_channels[0]) * BYTES_PER_PIXEL_CHANNEL > TILED_ABOVE_BYTES


def _pixels(vae: Any, latents: Tensor, model: LoadedModel, *, tiled: bool) -> Any:
    """Decode latents into a numpy array of uint8 (b, h, w, 3)."""
    with (
        torch.inference_mode(),
        memory_errors(model.device),
        limit_threads(model.card.size_bytes, model.device.threads),
        used_alone(vae, model),
        stoppable(vae, model.cancelled),
    ):
        scaled = unscale(latents.to(model.device.torch_device()), vae)
        dtype = next(vae.parameters()).dtype  # the property `dtype` of diffusers searches all parameters
        decoded = _decoded(vae, scaled.to(dtype), tiled=tiled)
        if dtype == torch.float16 and not torch.isfinite(decoded).all():
            # Some decoders overflow in fp16; the same weights in fp32 do not.
            try:
                decoded = _decoded(vae.float(), scaled.float(), tiled=tiled)
            finally:
                vae.half()
        return to_uint8(decoded)


def used_alone(vae: Any, model: LoadedModel) -> AbstractContextManager[None]:
    """Return a context in which no other thread uses a VAE in fp16, which `decode` may turn into fp32 for a while.

    Raises: Cancelled.
    """
    return acquired(lock_of(vae), model.cancelled) if model.device.dtype_name == "fp16" else nullcontext()


def to_uint8(decoded: Tensor) -> Any:
    """Convert a decoder's output (b, 3, h, w) in [-1, 1] to numpy uint8 (b, h, w, 3)."""
    unit = (decoded.float() * 0.5 + 0.5).clamp(0, 1)
    return (unit * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def unscale(latents: Tensor, vae: Any) -> Tensor:
    """Convert latents from the UNet's scale, a standard deviation of about 1, to the VAE's scale."""
    mean, deviation = moments(vae, latents)
    spread = latents if deviation is None else latents * deviation
    scaled: Tensor = spread / vae.config.scaling_factor + mean
    return scaled


def moments(vae: Any, latents: Tensor) -> tuple[Any, Tensor | None]:
    """Return the mean of a VAE's latents, and their deviation if it is known for each channel, as in Playground 2.5."""
    mean, deviation = (getattr(vae.config, f"latents_{name}", None) for name in ("mean", "std"))
    if mean is None or deviation is None:
        return getattr(vae.config, "shift_factor", None) or 0.0, None
    mean, deviation = (torch.tensor(each).view(1, -1, 1, 1).to(latents) for each in (mean, deviation))
    return mean, deviation


def _decoded(vae: Any, latents: Tensor, *, tiled: bool) -> Tensor:
    if tiled:
        return _in_tiles(vae, latents)
    decoded: Tensor = vae.decode(latents, return_dict=False)[0]
    return decoded


def _in_tiles(vae: Any, latents: Tensor) -> Tensor:
    """Decode tile by tile; the middle block, whose attention needs the whole image, is small and runs untiled."""
    decoder = vae.decoder
    with SlicedAttention():
        features = latents if vae.post_quant_conv is None else vae.post_quant_conv(latents)
        features = decoder.mid_block(decoder.conv_in(features))
    height, width = features.shape[-2:]

    def enlarge(tile: Tensor) -> Tensor:
        for block in decoder.up_blocks:
            tile = block(tile)
        pixels: Tensor = decoder.conv_out(decoder.conv_act(decoder.conv_norm_out(tile)))
        return pixels

    tiles = cut(height, width, side_for(height, width))
    made = with_shared_norms(enlarge, tiles, features, 1)
    return blend(zip(tiles, made, strict=True), height, width, 2 ** (len(decoder.up_blocks) - 1))
