"""Sample initial noise with one CPU generator per image, so that it is the same on any device and in any batch."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from core.errors import BadSetting

from .size import check_size

MAX_SEED = 2**64 - 1  # the largest seed that torch accepts and that other tools choose


def make_noise(
    seeds: Sequence[int], channels: int, height_px: int, width_px: int, factor: int, *, draws_before: int = 0
) -> Tensor:
    """Sample noise (b, channels, h/factor, w/factor) in float32; an image's noise depends only on its own seed.

    draws_before: number of draws of this shape to skip; diffusers' image-to-image pipelines first sample latents.

    Raises: BadSize, BadSetting.
    """
    check_size(width_px, height_px, factor)
    if not seeds:
        raise BadSetting("seeds", "empty", "one per image")
    shape = (1, channels, height_px // factor, width_px // factor)
    return torch.cat([_draw(generator, shape) for generator in generators(seeds, shape, draws_before)])


def generators(seeds: Sequence[int], shape: tuple[int, ...], draws_before: int) -> list[Generator]:
    """Return one generator per image, advanced by `draws_before` draws of `shape`, the shape of one image's latents.

    Raises: BadSetting.
    """
    made = []
    for seed in seeds:
        if not 0 <= seed <= MAX_SEED:
            raise BadSetting("seed", seed, f"0 to {MAX_SEED}")
        generator = Generator("cpu").manual_seed(seed)
        for _ in range(draws_before):
            _draw(generator, shape)
        made.append(generator)
    return made


def _draw(generator: Generator, shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=generator, dtype=torch.float32)
