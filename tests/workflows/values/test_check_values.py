"""The values of a graph from outside are checked like those of a line: types, ranges and choices."""

from __future__ import annotations

import math
from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.graph.node import Node
from invocations.spec import FieldSpec, FieldType, InvocationSpec
from invocations.values import ImageRef, LatentsRef, MaskRef
from workflows.problems import DataRefused, describe
from workflows.values.check_values import check_values, fits_type, wrong_values

CATALOG = open_registry()
IMAGE = ImageRef("a" * 64, 8, 8)
OPTIONAL = FieldType("union", (FieldType("int"), FieldType("none")))

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("blur", {"image": IMAGE, "radius": 2}),
    ("blur", {"image": MaskRef("b" * 64, 8, 8), "radius": 2.5}),
    ("noise", {"width": 64, "height": None, "seed": 2**64 - 1}),
    ("noise", {"width": 64.0}),
    ("add", {"a": 1, "b": 2.5}),
    ("flip", {"direction": "both"}),
    ("list", {"a": {"any": ["thing"]}}),
    ("of-another-version", {"x": 1}),
    ("blur", {"unknown": 1}),
]


@pytest.mark.parametrize(("type_", "inputs"), GOOD, ids=[f"{i}-{each[0]}" for i, each in enumerate(GOOD)])
def test_values_that_suit_are_accepted(type_: str, inputs: dict[str, Any]) -> None:
    check_values([Node("n", type_, inputs)], CATALOG)


BAD: list[tuple[str, dict[str, Any], str, str, str | None]] = [
    ("noise", {"width": "wide"}, "bad_value", "noise (n): `width` takes a whole number, not 'wide'", None),
    ("noise", {"width": True}, "bad_value", "noise (n): `width` takes a whole number, not true", None),
    ("noise", {"width": 64.5}, "bad_value", "noise (n): `width` takes a whole number, not 64.5", None),
    ("noise", {"width": [64]}, "bad_value", "noise (n): `width` takes a whole number, not a list of 1", None),
    ("noise", {"width": 7}, "out_of_range", "noise (n): `width` must be 8 to 8192, not 7", None),
    ("noise", {"seed": -1}, "out_of_range", "noise (n): `seed` must be 0 to 18446744073709551615, not -1",
     "leave `seed` out for a random seed"),
    ("blur", {"radius": math.inf}, "bad_value", "blur (n): `radius` takes a number, not inf", None),
    ("blur", {"radius": None}, "bad_value", "blur (n): `radius` takes a number, not null", None),
    (
        "flip",
        {"direction": "horizontl"},
        "bad_value",
        "flip (n): `direction` takes one of horizontal, vertical, both, not 'horizontl'",
        "did you mean `horizontal`?",
    ),
    (
        "blur",
        {"image": "house.png"},
        "bad_value",
        "blur (n): `image` takes a reference to an image, not 'house.png'",
        'link an output, or write {"kind": "image", "name": ...} with the name of a result',
    ),
    (
        "blur",
        {"image": LatentsRef("c" * 64)},
        "bad_value",
        "blur (n): `image` takes a reference to an image, not a reference to latents",
        'link an output, or write {"kind": "image", "name": ...} with the name of a result',
    ),
    ("blur", {"radius": {}}, "bad_value", "blur (n): `radius` takes a number, not an object", None),
    ("blur", {"radius": "x" * 90}, "bad_value", "blur (n): `radius` takes a number, not '" + "x" * 39 + "...", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "inputs", "code", "message", "hint"), BAD, ids=[f"{i}-{each[2]}" for i, each in enumerate(BAD)]
)
def test_each_wrong_value_is_refused_with_its_node_and_input(
    type_: str, inputs: dict[str, Any], code: str, message: str, hint: str | None
) -> None:
    (found,) = wrong_values([Node("n", type_, inputs)], CATALOG)
    assert (found.code, found.message, found.hint) == (code, message, hint)
    assert (found.node, found.field) == ("n", next(iter(inputs)))
    assert found.to_json()["field"] == next(iter(inputs))


def test_all_wrong_values_are_reported_at_once() -> None:
    with pytest.raises(DataRefused) as caught:
        check_values([Node("a", "noise", {"width": "x", "seed": -1}), Node("b", "blur", {"radius": "y"})], CATALOG)
    found = describe(caught.value)
    assert [(each.node, each.field, each.code) for each in found] == [
        ("a", "width", "bad_value"),
        ("a", "seed", "out_of_range"),
        ("b", "radius", "bad_value"),
    ]
    assert caught.value.code == "bad_value"


def test_a_thousand_wrong_values_are_not_all_reported() -> None:
    with pytest.raises(DataRefused) as caught:
        check_values([Node(str(i), "blur", {"radius": "y"}) for i in range(1000)], CATALOG)
    assert len(caught.value.problems) == 100


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1, "int", True),
        (1.0, "int", True),
        (True, "int", False),
        (True, "float", False),
        (math.nan, "float", False),
        ("\ud800", "str", False),
        ("é", "str", True),
        (None, "none", True),
        ([], "json", False),
        ({}, "json", True),
        (0, "bool", False),
        (object, "any", True),
        ("#f00", "color", True),
        ("reddish", "color", False),
    ],
)
def test_a_value_is_of_a_type_or_not(value: Any, kind: Any, expected: bool) -> None:
    assert fits_type(value, FieldType(kind)) is expected


def test_items_and_members_are_checked_too() -> None:
    numbers = FieldType("list", (FieldType("int"),))
    assert fits_type([1, 2], numbers)
    assert not fits_type([1, None], numbers)
    assert fits_type(None, OPTIONAL)
    assert not fits_type("1", OPTIONAL)


def test_the_nearest_multiples_are_suggested() -> None:
    field = FieldSpec("side", FieldType("int"), "d", multiple_of=8)
    spec = InvocationSpec("tile", "T", "t", "c", "1.0.0", (field,), ())
    (found,) = wrong_values([Node("n", "tile", {"side": 65})], {"tile": spec})
    assert found.message == "tile (n): `side` must be a multiple of 8, not 65"
    assert found.hint == "nearest: 64 or 72"


def test_a_catalog_may_be_a_function() -> None:
    assert len([*wrong_values([Node("n", "blur", {"radius": "y"})], CATALOG.spec)]) == 1
