"""Cutting an image into tiles and blending them back."""

from __future__ import annotations

import pytest
import torch

from core.latents.tiles import blend, cut, side_for


@pytest.mark.parametrize(
    ("height", "width", "side", "overlap"),
    [(10, 10, 16, 4), (24, 24, 16, 8), (24, 100, 16, 8), (17, 16, 16, 8), (64, 33, 20, 16), (128, 128, 64, 16)],
)
def test_tiles_blend_into_the_image_they_were_cut_from(height: int, width: int, side: int, overlap: int) -> None:
    image = torch.rand(2, 3, height * 2, width * 2)
    tiles = cut(height, width, side, overlap)
    blended = blend(((tile, tile.of(image, 2)) for tile in tiles), height, width, 2)
    assert torch.allclose(blended, image, atol=1e-6)
    assert all(tile.of(image, 2).shape[-1] <= 2 * side for tile in tiles)


def test_each_position_in_an_image_belongs_to_exactly_one_tile() -> None:
    place = torch.arange(40 * 70.0).reshape(1, 1, 40, 70)
    owned = torch.cat([tile.own(tile.of(place, 1)).flatten() for tile in cut(40, 70, 24)])
    assert sorted(owned.tolist()) == place.flatten().tolist()


def test_overlapping_tiles_are_cross_faded() -> None:
    left, right = cut(8, 24, 16, 8)
    black, white = torch.zeros(1, 1, 8, 16), torch.ones(1, 1, 8, 16)
    row = blend([(left, black), (right, white)], 8, 24, 1)[0, 0, 0]
    assert row[:8].tolist() == [0.0] * 8
    assert row[16:].tolist() == [1.0] * 8
    assert torch.all(row[8:16].diff() > 0)


@pytest.mark.parametrize(("cells", "side"), [((8, 12), 16), ((24, 24), 20), ((64, 40), 40), ((128, 512), 64)])
def test_a_tile_covers_about_half_of_an_image_up_to_a_limit(cells: tuple[int, int], side: int) -> None:
    assert side_for(*cells) == side
