"""The string nodes, case by case, and the limits of a template."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from invocations.errors import BadValue
from invocations.values import ImageRef, LatentsRef

Run = Callable[..., Any]

FILLED = [
    ("{a} and {b}", {"a": "red", "b": "green"}, "red and green"),
    ("{} and {}", {"a": "red", "b": "green"}, "red and green"),
    ("{b}{a}{b}", {"a": 1, "b": 2}, "212"),
    ("{a}{b}{c}{d}", {"a": 1, "b": 2, "c": 3, "d": 4}, "1234"),
    ("{a:03}", {"a": 7}, "007"),
    ("{a:.2f}", {"a": 3.14159}, "3.14"),
    ("{a:,}", {"a": 1234567}, "1,234,567"),
    ("{a:>5}|{a:<5}|{a:^5}", {"a": "x"}, "    x|x    |  x  "),
    ("{a:*^5}", {"a": "x"}, "**x**"),
    ("{a:.3}", {"a": "abcdef"}, "abc"),
    ("{a:x}", {"a": 255}, "ff"),
    ("{a:.0%}", {"a": 0.5}, "50%"),
    ("{{{a}}}", {"a": 1}, "{1}"),
    ("no places", {}, "no places"),
    ("", {}, ""),
    ("{a}", {"a": True}, "yes"),
    ("{a}", {"a": [1, "x", False]}, "1, x, no"),
    ("{a}", {"a": 0}, "0"),
    ("{a}", {"a": ""}, ""),
    ("{a}", {"a": "{b}"}, "{b}"),
    ("{a}", {"a": ImageRef("abc", 1, 1)}, "abc"),
    ("{a}", {"a": ImageRef("abc", 1, 1, "/tmp/fox.png")}, "/tmp/fox.png"),
    ("{a}", {"a": LatentsRef("abc")}, "abc"),
]


@pytest.mark.parametrize(("template", "values", "expected"), FILLED, ids=[f"{n}" for n in range(len(FILLED))])
def test_values_are_inserted_into_a_template(run: Run, template: str, values: dict[str, Any], expected: str) -> None:
    assert run("format", template=template, **values) == expected


UNFILLED = [
    ("{b}", {"a": 1}, "`{b}` has no value; placeholders with a value: {a}"),
    ("{a}", {}, "`{a}` has no value; placeholders with a value: none"),
    ("{z}", {"a": 1}, "`{z}` has no value; placeholders with a value: {a}"),
    (
        "{} {} {} {} {}",
        {"a": 1, "b": 2, "c": 3, "d": 4},
        "`{}` has no value; placeholders with a value: {a}, {b}, {c}, {d}",
    ),
    ("{a", {"a": 1}, "`{` at character 1 is unmatched"),
    ("a}", {"a": 1}, "`}` at character 2 is unmatched"),
    ("{a.real}", {"a": 1}, "`{a.real}` is not a placeholder"),
    ("{a[0]}", {"a": "x"}, "`{a[0]}` is not a placeholder"),
    ("{a!r}", {"a": "x"}, "`{a!r}` is not a placeholder"),
    ("{a:{b}}", {"a": 1, "b": 2}, "`{` at character 1 is unmatched"),
    ("{a:.2f}", {"a": "x"}, "`{a:.2f}` cannot format the value 'x'"),
    ("{a:9999}", {"a": 1}, "`{a:9999}` cannot format the value 1"),
    ("{a:.9999f}", {"a": 1}, "`{a:.9999f}` cannot format the value 1"),
    ("{a:q}", {"a": 1}, "`{a:q}` cannot format the value 1"),
    ("{a:f}", {"a": 10**400}, "`{a:f}` cannot format the value 1000"),
]


@pytest.mark.parametrize(("template", "values", "message"), UNFILLED, ids=[template for template, _, _ in UNFILLED])
def test_a_placeholder_cannot_access_an_attribute_of_a_value(
    run: Run, template: str, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(BadValue) as refused:
        run("format", template=template, **values)
    assert str(refused.value).startswith(message)
    assert refused.value.field == "template"


@pytest.mark.parametrize(
    ("text", "separator", "expected"),
    [
        ("red green  blue", "", ["red", "green", "blue"]),
        ("red, green", ", ", ["red", "green"]),
        ("a,,b", ",", ["a", "", "b"]),
        ("", "", []),
        ("", ",", [""]),
    ],
)
def test_a_string_is_split(run: Run, text: str, separator: str, expected: list[str]) -> None:
    assert run("split", text=text, separator=separator) == expected


@pytest.mark.parametrize(
    ("collection", "separator", "expected"),
    [
        (["red", "green"], ", ", "red, green"),
        ([1, 2.5, True], " ", "1 2.5 yes"),
        ([], ",", ""),
        ([[1, 2], [3, 4]], "; ", "1, 2; 3, 4"),
    ],
)
def test_a_list_is_joined_into_a_string(run: Run, collection: list[Any], separator: str, expected: str) -> None:
    assert run("join", collection=collection, separator=separator) == expected


def test_part_of_a_string_is_replaced(run: Run) -> None:
    assert run("replace", text="a red red fox", old="red", new="blue") == "a blue blue fox"
    assert run("replace", text="a.b", old=".", new="") == "ab"


def test_an_empty_string_cannot_be_replaced(run: Run) -> None:
    with pytest.raises(BadValue, match="an empty string cannot be replaced"):
        run("replace", text="abc", old="", new="x")


def test_the_length_of_strings_is_limited(run: Run) -> None:
    long = "x" * 1000
    with pytest.raises(BadValue, match="the string would be longer than 1,000,000 characters"):
        run("replace", text=long, old="x", new=long + "x")
    with pytest.raises(BadValue, match="the string would be longer than 1,000,000 characters"):
        run("join", collection=[long] * 1001, separator="")
    with pytest.raises(BadValue, match="the string would be longer than 1,000,000 characters"):
        run("format", template="{a}" * 1001, a=long)
