"""The evaluation's classifier accepts correct drawings and rejects all wrong ones."""

from __future__ import annotations

import random

import pytest

from training.classify import look
from training.draw_plain import Plain, paint_plain
from training.evaluate import GROUPS, compare, table, validate


def test_the_classifier_accepts_correct_drawings_and_rejects_wrong_ones() -> None:
    results = validate(12, (96, 96), 3)
    for group in GROUPS:
        assert all(scores["all"] for scores in results[f"drawn: {group.name}"])
        assert not any(scores["all"] for scores in results[f"wrong: {group.name}"])


@pytest.mark.parametrize("size", [(96, 64), (64, 96), (64, 64)])
def test_shapes_are_recognized_at_other_sizes_too(size: tuple[int, int]) -> None:
    plan = Plain(("star",), ("yellow",), "blue", count=3)
    for index in range(10):
        assert compare(plan, look(paint_plain(plan, random.Random(index), *size)))["all"]


def test_an_empty_image_has_no_objects() -> None:
    plan = Plain(("star",), ("red",), "red")
    assert look(paint_plain(plan, random.Random(1), 64, 64)).objects == ()


def test_the_table_of_results_has_a_row_for_each_group() -> None:
    assert table({"a": [{"all": True}, {"all": False}]}).splitlines()[-1] == "| a |  |  |  |  |  | 0.50 |"
