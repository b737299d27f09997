"""Drawings can be reproduced from a seed, and never show a pair (color and shape) held out for evaluation."""

from __future__ import annotations

import random

import pytest

from training.draw import drawing
from training.draw_plain import SECOND, Plain, caption_plain, paint_plain
from training.draw_scenes import Scene
from training.draw_style import STYLES, styled
from training.draw_words import HELD_BACKGROUNDS, HELD_ROOFS, HELD_SHAPES, plural


def test_the_same_seed_and_index_produce_the_same_image_and_caption() -> None:
    first, second = drawing(5, 17, 64, 64), drawing(5, 17, 64, 64)
    assert first.caption == second.caption
    assert first.image.tobytes() == second.image.tobytes()


def test_different_indices_produce_different_images() -> None:
    assert len({drawing(5, index, 32, 32).image.tobytes() for index in range(40)}) == 40


@pytest.mark.parametrize("size", [(96, 96), (96, 64), (64, 96), (128, 48)])
def test_a_drawing_has_the_requested_size(size: tuple[int, int]) -> None:
    assert drawing(1, 2, *size).image.size == size


def test_pairs_held_out_for_evaluation_are_never_drawn() -> None:
    for index in range(900):
        plan = drawing(2, index, 8, 8).plan
        if isinstance(plan, Scene):
            assert plan.kind != "house" or (plan.color, plan.second) not in HELD_ROOFS
            assert plan.neighbor[0] != "house" or (plan.neighbor[1], SECOND["house"]) not in HELD_ROOFS
            continue
        for color, kind in zip(plan.colors, plan.kinds, strict=True):
            assert (color, kind) not in HELD_SHAPES
            assert (color, plan.background) not in HELD_BACKGROUNDS
            assert kind != "house" or (color, SECOND["house"]) not in HELD_ROOFS


def test_a_shape_whose_caption_names_no_place_may_be_drawn_anywhere() -> None:
    middles = []
    for index in range(60):
        image = paint_plain(Plain(("circle",), ("red",), "white"), random.Random(index), 64, 64)
        middles.append(image.convert("L").point(lambda value: 255 * (value < 128)).getbbox())
    left = [box[0] for box in middles if box]
    assert min(left) < 8
    assert max(left) > 34


@pytest.mark.parametrize(
    ("plan", "beginning"),
    [
        (Plain(("star",), ("yellow",), "blue", count=3), "three yellow stars"),
        (
            Plain(("circle", "square"), ("green", "orange"), "black", relation="above"),
            "a green circle above an orange square",
        ),
        (Plain(("cross",), ("black",), "yellow", size="small", place="on the left"), "a small black cross on the left"),
    ],
)
def test_a_caption_says_what_is_drawn(plan: Plain, beginning: str) -> None:
    captions = {caption_plain(plan, random.Random(index)) for index in range(8)}
    assert any(caption.startswith(beginning) for caption in captions)
    assert all(plan.background in caption for caption in captions)


@pytest.mark.parametrize(
    ("one", "many"), [("cross", "crosses"), ("butterfly", "butterflies"), ("fish", "fish"), ("toy", "toys")]
)
def test_nouns_have_regular_and_irregular_plurals(one: str, many: str) -> None:
    assert plural(one) == many


@pytest.mark.parametrize("style", list(STYLES))
def test_a_style_changes_the_pixels_and_keeps_the_size(style: str) -> None:
    image = drawing(1, 3, 64, 48).image
    after = styled(image, style, random.Random(1))
    assert after.size == image.size
    assert after.tobytes() != image.tobytes()
