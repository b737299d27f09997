"""A comma inside quotes does not separate list items, wherever a list is read."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.source import Source
from invocations.spec import FieldType
from workflows.planning.plan_line import plan_line
from workflows.scripts.statements import default_of
from workflows.values.codecs import codec_of

CATALOG = open_registry()
LISTS = (
    ("list 'a, b' c", ["a, b", "c"]),
    ('list "a, b" c', ["a, b", "c"]),
    ("list 'a, b'", ["a, b"]),
    ("list a,b", ["a", "b"]),
    ("list a,b c,d", ["a", "b", "c", "d"]),
    ("list --values='a, b'", ["a, b"]),
    ("list --values 'a, b' --values c", ["a, b", "c"]),
    ("list '1,2'", ["1,2"]),
    ("list 1,2", [1, 2]),
    ("""list '["a, b", "c"]'""", ["a, b", "c"]),
    ("list '[a, b'", ["[a, b"]),
    ("""list '"a, b",c' """, ['"a, b",c']),
    ("zip 'a, b' c", ["a, b"]),
    ("sort 'b, a'", ["b, a"]),
)


def plan(line: str, **defaults: str) -> Any:
    return plan_line(Source(None, line), catalog=CATALOG, defaults=defaults)


@pytest.mark.parametrize(("line", "items"), LISTS)
def test_a_comma_inside_quotes_does_not_separate_items(line: str, items: list[Any]) -> None:
    assert next(iter(plan(line).nodes[0].inputs.values())) == items


def test_a_comma_in_a_quoted_file_name_does_not_separate_items() -> None:
    nodes = plan("grid --images 'a,b.png' --images c.png").nodes
    assert [node.inputs["source"] for node in nodes if node.type == "load"] == ["a,b.png", "c.png"]


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a,b", ["a", "b"]),
        ('"a, b",c', ["a, b", "c"]),
        ("'a, b' , c", ["a, b", "c"]),
        ("c,'a, b'", ["c", "a, b"]),
        ("'tis,nice", ["'tis", "nice"]),
        ('a "b",c', ['a "b"', "c"]),
        ("a,", ["a", ""]),
    ],
)
def test_a_quoted_item_keeps_its_commas(text: str, items: list[str]) -> None:
    assert codec_of(FieldType("list", (FieldType("str"),))).parse(text) == items


@pytest.mark.parametrize(
    "items", [["a, b", "c"], ["a b", "c"], ["'a", "b'"], ['"a"', "b"], ["a, b"], ["${x}", "y"], []]
)
def test_a_formatted_list_is_parsed_to_the_same_items(items: list[str]) -> None:
    from workflows.decompile.stage import text_of, word_of

    field = CATALOG["grid"].input("labels")
    assert field is not None
    word = word_of(text_of(field, items))
    codec = codec_of(field.type)
    assert (codec.parse_quoted if word.quote else codec.parse)(word.text) == items


def test_a_quoted_default_of_a_list_input_is_one_item() -> None:
    name, text = default_of(("labels", "a, b"), CATALOG) or ("", "")
    assert name == "labels"
    assert codec_of(FieldType("list", (FieldType("str"),))).parse(text) == ["a, b"]
    assert default_of(("labels", "a,b"), CATALOG) == ("labels", "a,b")
    assert default_of(("prompt", "a, b"), CATALOG) == ("prompt", "a, b")
