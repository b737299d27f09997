"""The noise that pictures begin as, from a generator for each on the CPU: any device and any batch draws the same."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Generator, Tensor

from core.errors import BadSetting

from .size import check_size

MAX_SEED = 2**63 - 1


def make_noise(
    seeds: Sequence[int], channels: int, height_px: int, width_px: int, factor: int, *, draws_before: int = 0
) -> Tensor:
    """Draw noise (b, channels, h/factor, w/factor) in float32; picture k is what its seed gives alone.

    `draws_before` draws of the same shape are passed over first: diffusers' image-to-image pipelines draw for the
    autoencoder before they draw the noise.

    Raises: BadSize, BadSetting.
    """
    check_size(width_px, height_px, factor)
    if not seeds:
        raise BadSetting("seeds", "empty", "one per image")
    shape = (1, channels, height_px // factor, width_px // factor)
    return torch.cat([_draw(generator, shape) for generator in generators(seeds, shape, draws_before)])


def generators(seeds: Sequence[int], shape: tuple[int, ...], draws_before: int) -> list[Generator]:
    """Return a generator per picture that stands behind that many draws of `shape`, the shape of one picture's latents.

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
