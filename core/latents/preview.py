"""Small, cheap previews of latents: a linear map from channels to colors, fitted to the model.

VAEs of this kind keep color nearly linear in their latents, so encoding one image of known colors determines the map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from core.devices import limit_threads, memory_errors
from core.models.components import LoadedModel

from .encode import scale

if TYPE_CHECKING:
    from PIL.Image import Image

SHADES = (-0.9, -0.3, 0.3, 0.9)
CELLS = 4
"""Side of a color patch in latent pixels, large enough that its center does not depend on neighboring patches."""


@dataclass(frozen=True, slots=True)
class LatentColors:
    """The map for one model: colors = latents @ matrix + offset; matrix (c, 3), offset (3), colors in [-1, 1]."""

    matrix: Tensor
    offset: Tensor


def fit_colors(model: LoadedModel) -> LatentColors:
    """Fit the least-squares map from latents to colors, by encoding one small image with patches of 64 known colors.

    Raises: ModelError, OutOfMemory.
    """
    vae, device = model.vae(), model.device
    patches = torch.cartesian_prod(*[torch.tensor(SHADES)] * 3)
    side = CELLS * model.card.vae_scale_factor
    pixels = patches.reshape(8, 8, 3).permute(2, 0, 1)[None].repeat_interleave(side, 2).repeat_interleave(side, 3)
    with torch.inference_mode(), memory_errors(device), limit_threads(model.card.size_bytes, device.threads):
        around = vae.encode(pixels.to(device.torch_device(), vae.dtype), return_dict=False)[0]
        latents = scale(around.mode().float().cpu(), vae)
    middles = latents[0].unfold(1, CELLS, CELLS).unfold(2, CELLS, CELLS)[..., 1:-1, 1:-1].mean((-1, -2))
    known = torch.cat([middles.flatten(1).T, torch.ones(len(patches), 1)], dim=1)
    solved = torch.linalg.lstsq(known, patches).solution
    return LatentColors(solved[:-1], solved[-1])


def preview(latents: Tensor, colors: LatentColors) -> list[Image]:
    """Convert latents (b, c, h, w) to b images of h x w pixels, one for each position of the latents."""
    from PIL import Image

    shown = latents.float().cpu().permute(0, 2, 3, 1) @ colors.matrix + colors.offset
    pixels = ((shown * 0.5 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    return [Image.fromarray(image) for image in pixels]
