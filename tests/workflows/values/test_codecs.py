"""Codecs for every kind of field: a formatted value is parsed to the same value."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.spec import FieldType
from workflows.values.codecs import Codec, ExternalValue, ParseError, codec_of
from workflows.values.colors import COLORS, canonical
from workflows.values.scalars import ColorCodec

BOOL, INT, FLOAT, STR, NONE, COLOR, JSON, ANY = (
    FieldType(base)  # type: ignore[arg-type]
    for base in ("bool", "int", "float", "str", "none", "color", "json", "any")
)
ENUM = FieldType("enum", choices=("left", "right", "both"))
IMAGE, MODEL, LATENTS = (FieldType("ref", kind=kind) for kind in ("image", "model", "latents"))


def several(of: FieldType) -> FieldType:
    return FieldType("list", (of,))


def either(*of: FieldType) -> FieldType:
    return FieldType("union", of)


READ: tuple[tuple[FieldType, str, Any], ...] = (
    (BOOL, "yes", True),
    (BOOL, "No", False),
    (BOOL, "true", True),
    (BOOL, "off", False),
    (INT, "-7", -7),
    (INT, "+7", 7),
    (FLOAT, "2", 2.0),
    (FLOAT, "1e-3", 0.001),
    (FLOAT, ".5", 0.5),
    (STR, "", ""),
    (STR, "none", "none"),
    (NONE, "none", None),
    (ENUM, "left", "left"),
    (COLOR, "#F80", "#ff8800"),
    (COLOR, "#ff880080", "#ff880080"),
    (COLOR, "RebeccaPurple", "#663399"),
    (COLOR, "transparent", "#00000000"),
    (JSON, '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
    (IMAGE, "cat.png", ExternalValue("image", "cat.png")),
    (IMAGE, "-", ExternalValue("image", "-")),
    (MODEL, "default", ExternalValue("model", "default")),
    (ANY, "3", 3),
    (ANY, "3.5", 3.5),
    (ANY, "true", True),
    (ANY, "none", None),
    (ANY, "yes", "yes"),
    (ANY, "[1, 2]", [1, 2]),
    (ANY, "[red", "[red"),
    (several(INT), "1, 2,3", [1, 2, 3]),
    (several(INT), "[1,2]", [1, 2]),
    (several(FLOAT), "[1, 2.5]", [1.0, 2.5]),
    (several(INT), "", []),
    (several(STR), "red,blue", ["red", "blue"]),
    (several(STR), '["a,b", "c"]', ["a,b", "c"]),
    (several(COLOR), '["red", "#fff"]', ["#ff0000", "#ffffff"]),
    (several(IMAGE), "a.png,b.png", [ExternalValue("image", "a.png"), ExternalValue("image", "b.png")]),
    (several(several(INT)), "[[1,2],[3]]", [[1, 2], [3]]),
    (either(INT, FLOAT), "2", 2),
    (either(INT, FLOAT), "2.0", 2.0),
    (either(STR, NONE), "none", None),
    (either(STR, NONE), '"none"', "none"),
    (either(STR, INT), "5", 5),
    (either(STR, INT), '"5"', "5"),
    (either(STR, INT), "007", "007"),
    (either(STR, INT, FLOAT), "1.50", "1.50"),
    (either(STR, either(FLOAT, NONE)), "1e3", "1e3"),
    (several(either(STR, INT, FLOAT)), "7,0.5,007,a", [7, 0.5, "007", "a"]),
    (several(either(STR, INT)), '["1", 1]', ["1", 1]),
    (several(either(IMAGE, NONE)), "none", [ExternalValue("image", "none")]),
    (either(IMAGE, NONE), "none", None),
    (either(IMAGE, several(IMAGE)), "a.png", ExternalValue("image", "a.png")),
    (either(IMAGE, several(IMAGE)), "*.png", [ExternalValue("image", "*.png")]),
    (either(INT, several(INT)), "5", 5),
    (either(INT, several(INT)), "5,6", [5, 6]),
    (either(STR, several(STR)), "a,b", "a,b"),
    (either(STR, several(STR)), '["a"]', ["a"]),
    (either(either(INT, NONE), STR), "none", None),
)


@pytest.mark.parametrize(("kind", "text", "value"), READ, ids=[f"{case[0]}: {case[1]}" for case in READ])
def test_128_a_string_is_parsed_according_to_the_type_of_the_field(kind: FieldType, text: str, value: Any) -> None:
    found = codec_of(kind).parse(text)
    assert (found, type(found)) == (value, type(value))


REFUSED: tuple[tuple[FieldType, str, str], ...] = (
    (BOOL, "1", "yes or no"),
    (BOOL, "maybe", "yes or no"),
    (INT, "1.0", "a whole number"),
    (INT, "1e3", "a whole number"),
    (INT, "0x10", "a whole number"),
    (INT, "1_000", "a whole number"),
    (INT, "٣", "a whole number"),
    (INT, "", "a whole number"),
    (INT, "9" * 5000, "a whole number"),
    (FLOAT, "nan", "a number"),
    (FLOAT, "inf", "a number"),
    (FLOAT, "1e999", "a finite number"),
    (FLOAT, "1,5", "a number"),
    (FLOAT, "e", "a number"),
    (NONE, "null", "none"),
    (ENUM, "Left", "one of left, right, both"),
    (COLOR, "#12345", ColorCodec.wants),
    (COLOR, "blurple", ColorCodec.wants),
    (JSON, "{", "JSON"),
    (JSON, "NaN", "JSON"),
    (JSON, "[" * 100_000, "JSON"),
    (LATENTS, "x.pt", "latents (a reference such as @1)"),
    (IMAGE, "", "an image (a path, or a reference such as @1)"),
    (several(INT), "1,,2", "a whole number for each item"),
    (several(INT), "[1, 2.5]", "a whole number for each item"),
    (either(INT, NONE), "x", "a whole number"),
    (either(INT, FLOAT), "x", "a number"),
    (either(INT, ENUM), "x", "a whole number or one of left, right, both"),
)


@pytest.mark.parametrize(("kind", "text", "wants"), REFUSED, ids=[f"{case[0]}: {case[1][:20]}" for case in REFUSED])
def test_128_an_error_states_what_is_expected(kind: FieldType, text: str, wants: str) -> None:
    with pytest.raises(ParseError) as caught:
        codec_of(kind).parse(text)
    assert caught.value.wants == wants


finite = st.floats(allow_nan=False, allow_infinity=False)
plain_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
VALUES: dict[str, tuple[FieldType, st.SearchStrategy[Any]]] = {
    "bool": (BOOL, st.booleans()),
    "int": (INT, st.integers()),
    "float": (FLOAT, finite),
    "str": (STR, st.text()),
    "none": (NONE, st.none()),
    "enum": (ENUM, st.sampled_from(ENUM.choices)),
    "color": (COLOR, st.sampled_from(sorted(set(COLORS.values())))),
    "json": (JSON, plain_json),
    "any": (ANY, plain_json),
    "image": (IMAGE, st.text(min_size=1).map(lambda text: ExternalValue("image", text))),
}


def listed(name: str) -> tuple[FieldType, st.SearchStrategy[Any]]:
    kind, values = VALUES[name]
    return several(kind), st.lists(values, max_size=5)


def optional(name: str) -> tuple[FieldType, st.SearchStrategy[Any]]:
    kind, values = VALUES[name]
    return either(kind, NONE), values | st.none()


CASES = {
    **VALUES,
    **{f"list of {name}": listed(name) for name in ("int", "float", "str", "color", "any", "bool")},
    **{f"optional {name}": optional(name) for name in ("int", "float", "str", "enum", "color", "bool")},
    "int or float": (either(INT, FLOAT), VALUES["int"][1] | VALUES["float"][1]),
    "float or list": (either(FLOAT, several(FLOAT)), VALUES["float"][1] | st.lists(VALUES["float"][1], max_size=4)),
    "text or list": (either(STR, several(STR)), st.text() | st.lists(st.text(), max_size=4)),
    "text or int or none": (either(STR, INT, NONE), st.text() | st.integers() | st.none()),
    "list of list": (several(several(INT)), st.lists(st.lists(st.integers(), max_size=3), max_size=3)),
}


@settings(max_examples=50)
@given(st.data())
@pytest.mark.parametrize("name", CASES)
def test_128_a_formatted_value_is_parsed_to_the_same_value(name: str, data: st.DataObject) -> None:
    kind, values = CASES[name]
    found: Codec = codec_of(kind)
    value = data.draw(values)
    text = found.format(value)
    again = found.parse(text)
    assert repr(again) == repr(value)
    assert found.format(again) == text


@given(st.sampled_from([kind for kind, _ in CASES.values()]), st.text(max_size=30))
def test_128_any_string_is_parsed_or_refused(kind: FieldType, text: str) -> None:
    found = codec_of(kind)
    try:
        value = found.parse(text)
    except ParseError:
        return
    assert found.holds(value)


def test_color_names_have_the_same_values_as_in_pillow() -> None:
    from PIL import ImageColor

    assert set(COLORS) - set(ImageColor.colormap) == {"transparent"}
    assert set(ImageColor.colormap) <= set(COLORS)
    for name in ImageColor.colormap:
        assert ImageColor.getrgb(name) == ImageColor.getrgb(COLORS[name])
        assert canonical(COLORS[name]) == COLORS[name]
