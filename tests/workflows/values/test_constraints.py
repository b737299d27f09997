"""Ranges, multiples and defaults, checked and described."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.spec import FieldSpec, FieldType
from workflows.values.constraints import default_text, facts, nearest_multiples, out_of_range, range_text

FLOAT, INT = FieldType("float"), FieldType("int")


def field(kind: FieldType = FLOAT, **more: Any) -> FieldSpec:
    return FieldSpec("size", kind, "a size", **more)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({}, ""),
        ({"ge": 1, "le": 8.0}, "1 to 8"),
        ({"ge": 0.5}, "at least 0.5"),
        ({"gt": 0, "le": 1}, "more than 0, at most 1"),
        ({"ge": 0, "lt": 1}, "at least 0, less than 1"),
        ({"gt": 0, "lt": 1}, "between 0 and 1 (exclusive)"),
        ({"ge": 0, "le": 2**64 - 1}, "at least 0"),
    ],
)
def test_a_range_is_described(bounds: dict[str, Any], words: str) -> None:
    assert range_text(field(**bounds)) == words


@pytest.mark.parametrize(
    ("bounds", "value", "reason"),
    [
        ({"ge": 1, "le": 8}, 8, None),
        ({"ge": 1, "le": 8}, 9, "`size` must be 1 to 8, not 9"),
        ({"gt": 0}, 0.0, "`size` must be more than 0, not 0"),
        ({"lt": 1}, 1, "`size` must be less than 1, not 1"),
        ({"gt": 0, "lt": 1}, 1.5, "`size` must be between 0 and 1 (exclusive), not 1.5"),
        ({"ge": 0, "le": 2**40}, 2**41, "`size` must be 0 to 1099511627776, not 2199023255552"),
        ({"multiple_of": 8}, 20, "`size` must be a multiple of 8, not 20"),
        ({"ge": 1}, [2, 0], "`size` must be at least 1, not 0"),
        ({"ge": 1}, "text", None),
        ({"ge": 1}, False, None),
        ({"ge": 1}, None, None),
    ],
)
def test_the_error_for_a_value_out_of_range_explains_the_range(
    bounds: dict[str, Any], value: Any, reason: str | None
) -> None:
    assert out_of_range(field(**bounds), value) == reason


def test_the_suggested_multiples_are_within_the_range() -> None:
    assert nearest_multiples(field(multiple_of=8), 20) == "nearest: 16 or 24"
    assert nearest_multiples(field(multiple_of=8, le=20), 20) == "nearest: 16"
    assert nearest_multiples(field(), 20) is None


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (field(), ""),
        (field(required=False, default=2.0), "2"),
        (field(FieldType("bool"), required=False, default=False), "no"),
        (field(FieldType("str"), required=False, default=""), ""),
        (field(FieldType("list", (INT,)), required=False, default=[1, 2]), "1,2"),
        (field(required=False, default=None, by_model=True), "from the model"),
        (field(required=False, default=None), ""),
        (field(FieldType("str"), required=False, default=", "), '", "'),
        (field(FieldType("ref", kind="model"), required=False, default="default"), '"default"'),
        (field(FieldType("enum", choices=("png", "jpeg")), required=False, default="png"), "png"),
        (field(FieldType("ref", kind="mask"), required=False, default=None), ""),
        (field(INT, required=False, default=None, seed=True), "picked at random"),
    ],
)
def test_a_default_is_described(made: FieldSpec, text: str) -> None:
    assert default_text(made) == text


def test_an_input_is_described_in_one_phrase() -> None:
    assert facts(field(ge=1, le=8, required=False, default=2.0, unit="x")) == "float, 1 to 8, default 2"
    left_open = field(INT, ge=1, required=False, default=None, by_model=True)
    assert facts(left_open) == "int, at least 1, default from the model"
    assert facts(field(INT, multiple_of=8)) == "int, a multiple of 8, required"
    assert facts(FieldSpec("how", FieldType("enum", choices=tuple("abcdefgh")), "how")) == "a|b|c|d|e|..., required"
