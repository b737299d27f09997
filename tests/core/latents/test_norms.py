"""Group normalization with statistics shared by all tiles of an image."""

from __future__ import annotations

import torch

from core.latents.norms import with_shared_norms
from core.latents.tiles import Tile, blend, cut


def test_group_normalization_over_all_tiles_equals_that_of_the_whole_image() -> None:
    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.GroupNorm(2, 4), torch.nn.Conv2d(4, 8, 1), torch.nn.GroupNorm(4, 8), torch.nn.SiLU(),
        torch.nn.Conv2d(8, 4, 1), torch.nn.GroupNorm(1, 4),
    )  # fmt: skip
    image = torch.randn(2, 4, 40, 56) * torch.linspace(1, 5, 56) + torch.linspace(-3, 9, 40)[:, None]
    tiles: list[Tile] = cut(40, 56, 20, 8)
    with torch.inference_mode():
        made = with_shared_norms(network, tiles, image, 1)
        apart = blend(zip(tiles, made, strict=True), 40, 56, 1) - network(image)
    assert apart.abs().max() < 1e-5
