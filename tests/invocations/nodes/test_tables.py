"""The nodes `load-lines` and `load-table`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invocations.errors import BadValue, TextFileError
from invocations.nodes.tables import LoadLines, LoadTable
from invocations.services.errors import ServiceError

LINES = "# prompts\na fox\n\n  a boat \n// old\na house\n"
TABLE = 'prompt,seed,name\na fox,1,001\n"a boat, at sea",,002\n'


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({}, ["a fox", "a boat", "// old", "a house"]),
        ({"skip": 1}, ["a boat", "// old", "a house"]),
        ({"limit": 2}, ["a fox", "a boat"]),
        ({"skip": 1, "limit": 1}, ["a boat"]),
        ({"limit": 99}, ["a fox", "a boat", "// old", "a house"]),
        ({"comment": "//"}, ["# prompts", "a fox", "a boat", "a house"]),
        ({"comment": ""}, ["# prompts", "a fox", "a boat", "// old", "a house"]),
    ],
)
def test_the_lines_of_a_file_are_loaded_as_a_list(
    context: Any, tmp_path: Path, inputs: dict[str, Any], expected: list[str]
) -> None:
    (tmp_path / "prompts.txt").write_text(LINES)
    assert LoadLines(source="prompts.txt", **inputs).invoke(context).collection == expected


@pytest.mark.parametrize(
    ("text", "inputs", "field", "message"),
    [
        ("", {}, "source", "`prompts.txt` has no lines"),
        ("# prompts\n\n", {}, "source", "`prompts.txt` has no lines"),
        ("a fox\n", {"skip": 1}, "skip", "`prompts.txt` has only 1 line"),
        (LINES, {"skip": 9}, "skip", "`prompts.txt` has only 4 lines"),
        ("a\n" * 100_001, {}, "source", "`prompts.txt` has more than 100,000 lines"),
    ],
)
def test_a_file_without_the_wanted_lines_is_refused(
    context: Any, tmp_path: Path, text: str, inputs: dict[str, Any], field: str, message: str
) -> None:
    (tmp_path / "prompts.txt").write_text(text)
    with pytest.raises(BadValue) as raised:
        LoadLines(source="prompts.txt", **inputs).invoke(context)
    assert (raised.value.field, raised.value.message) == (field, message)


def test_a_part_of_a_very_long_file_can_be_loaded(context: Any, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a\n" * 100_001)
    assert len(LoadLines(source="prompts.txt", limit=100_000).invoke(context).collection) == 100_000
    assert len(LoadLines(source="prompts.txt", skip=1).invoke(context).collection) == 100_000


def test_table_rows_are_loaded_as_objects_and_columns_of_numbers_as_numbers(context: Any, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(TABLE)
    made = LoadTable(source="jobs.csv").invoke(context)
    assert made.collection == [
        {"prompt": "a fox", "seed": 1, "name": "001"},
        {"prompt": "a boat, at sea", "seed": None, "name": "002"},
    ]
    assert made.column == ["a fox", "a boat, at sea"]


def test_chosen_columns_are_loaded_in_the_chosen_order(context: Any, tmp_path: Path) -> None:
    (tmp_path / "jobs.json").write_text('[{"a": 1, "b": 2, "c": 3}, {"a": 4}]')
    made = LoadTable(source="jobs.json", columns=["b", "a"]).invoke(context)
    assert [list(row.items()) for row in made.collection] == [[("b", 2), ("a", 1)], [("a", 4)]]
    assert made.column == [2, None]


@pytest.mark.parametrize(("delimiter", "text"), [(":", "a:b\n1:2"), ("tab", "a\tb\n1\t2"), ("\\t", "a\tb\n1\t2")])
def test_a_delimiter_can_be_specified(context: Any, tmp_path: Path, delimiter: str, text: str) -> None:
    (tmp_path / "jobs.txt").write_text(text)
    assert LoadTable(source="jobs.txt", delimiter=delimiter).invoke(context).collection == [{"a": 1, "b": 2}]


@pytest.mark.parametrize(
    ("inputs", "field", "message", "hint"),
    [
        ({"delimiter": "::"}, "delimiter", "the delimiter must be one character or `tab`, not `::`", ""),
        ({"delimiter": '"'}, "delimiter", 'the delimiter must be one character or `tab`, not `"`', ""),
        ({"columns": ["promt"]}, "columns", "`jobs.csv` has no column `promt`", "did you mean `prompt`?"),
        ({"columns": ["x"]}, "columns", "`jobs.csv` has no column `x`", "the columns are `prompt`, `seed`, `name`"),
    ],
)
def test_a_column_that_does_not_exist_and_a_wrong_delimiter_are_refused(
    context: Any, tmp_path: Path, inputs: dict[str, Any], field: str, message: str, hint: str
) -> None:
    (tmp_path / "jobs.csv").write_text(TABLE)
    with pytest.raises(BadValue) as raised:
        LoadTable(source="jobs.csv", **inputs).invoke(context)
    assert (raised.value.field, raised.value.message, raised.value.hint) == (field, message, hint)


def test_a_missing_file_and_a_malformed_table_are_refused(context: Any, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("a,b\n1\n")
    with pytest.raises(ServiceError, match=r"^there is no file `nothing.csv`$"):
        LoadTable(source="nothing.csv").invoke(context)
    with pytest.raises(TextFileError, match=r"^`jobs.csv`, line 2: the row has 1 value, but there are 2 columns$"):
        LoadTable(source="jobs.csv").invoke(context)
