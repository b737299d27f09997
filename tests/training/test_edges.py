"""Edges: agreement is high for the same image and low for another image; a sketch is recognized."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from training.draw_plain import Plain, paint_plain
from training.draw_style import styled
from training.edges import agreement, edge_mask, edges
from training.evaluate_additions import is_sketch

STAR = Plain(("star",), ("yellow",), "blue")


def drawn(seed: int) -> Image.Image:
    return paint_plain(STAR, random.Random(seed), 96, 96)


def test_edges_of_an_image_agree_with_themselves_but_not_with_the_edges_of_another_image() -> None:
    mask, other = edge_mask(drawn(1)), edge_mask(drawn(2))
    assert agreement(mask, mask) == 1.0
    assert agreement(mask, other) < 0.5


def test_edges_shifted_by_one_pixel_still_agree_with_the_original() -> None:
    mask = edge_mask(drawn(1))
    assert agreement(mask, np.roll(mask, 1, axis=1)) == 1.0


def test_a_flat_image_has_no_edges_and_agrees_with_no_image() -> None:
    flat = edge_mask(Image.new("RGB", (96, 96), "red"))
    assert not flat.any()
    assert agreement(flat, flat) == 1.0
    assert agreement(edge_mask(drawn(1)), flat) == 0.0


def test_edges_are_white_lines_on_black() -> None:
    values = np.unique(np.asarray(edges(drawn(1))))
    assert values.tolist() == [0, 255]


@pytest.mark.parametrize("seed", range(4))
def test_a_sketch_is_distinguished_from_other_styles(seed: int) -> None:
    rng = random.Random(seed)
    assert is_sketch(styled(drawn(seed), "sketch", rng))
    for other in ("pixel", "neon", "watercolor"):
        assert not is_sketch(styled(drawn(seed), other, rng))
    assert not is_sketch(drawn(seed))
    assert not is_sketch(Image.new("RGB", (96, 96), "white"))
