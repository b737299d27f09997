"""Converting pixel masks to latent masks."""

from __future__ import annotations

import pytest
from PIL import Image

from core.latents.mask import mask_to_latents


def test_latents_may_change_where_the_mask_is_white() -> None:
    mask = Image.new("L", (64, 64), 0)
    mask.paste(255, (0, 0, 32, 64))
    mask.paste(127, (32, 0, 64, 8))
    latents = mask_to_latents(mask, 8)
    assert latents.shape == (1, 1, 8, 8)
    assert latents[0, 0, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]


def test_a_soft_mask_keeps_the_mean_gray_value_of_the_pixels_at_each_latent() -> None:
    mask = Image.new("L", (16, 8), 51)
    mask.paste(255, (0, 0, 4, 8))
    assert mask_to_latents(mask, 8, soft=True).flatten().tolist() == pytest.approx([0.6, 0.2])
