"""Tables in every format, and the whole error for each file that is not a table."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.errors import TextFileError
from invocations.foreign import ForeignData
from invocations.tables.read import read_table, table_of
from invocations.tables.table import DataTable, with_numbers

ROWS = [{"prompt": "a fox", "seed": "1"}, {"prompt": "a boat, at sea", "seed": "2"}]


def table(text: str, name: str = "jobs.csv", **how: Any) -> DataTable:
    return table_of(text.encode(), name, **how)


SAME = [
    ("jobs.csv", 'prompt,seed\na fox,1\n"a boat, at sea",2\n'),
    ("jobs.csv", 'prompt, seed\r\na fox, 1\r\n"a boat, at sea", 2\r\n'),
    ("jobs.csv", 'prompt;seed\na fox;1\na boat, at sea;2'),
    ("jobs.CSV", '"prompt","seed"\r"a fox","1"\r"a boat, at sea","2"\r'),
    ("jobs.csv", 'sep=;\nprompt;seed\na fox;1\na boat, at sea;2\n'),
    ("jobs.csv", '\n\nprompt|seed\n\na fox|1\na boat, at sea|2\n|\n'),
    ("jobs.tsv", "prompt\tseed\na fox\t1\na boat, at sea\t2\n"),
    ("jobs.tab", 'prompt\tseed\n"a fox"\t1\na boat, at sea\t2\n'),
    ("jobs.txt", "prompt\tseed\na fox\t1\na boat, at sea\t2\n"),
    ("jobs.jsonl", '{"prompt": "a fox", "seed": "1"}\n\n{"prompt": "a boat, at sea", "seed": "2"}'),
    ("jobs.ndjson", '{"prompt": "a fox", "seed": "1"}\r\n{"prompt": "a boat, at sea", "seed": "2"}\r\n'),
    ("jobs.json", '[{"prompt": "a fox", "seed": "1"},\n {"prompt": "a boat, at sea", "seed": "2"}]'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), SAME, ids=range(len(SAME)))
def test_every_format_has_the_same_rows(name: str, text: str) -> None:
    for mark in ("", "\ufeff"):
        found = table(mark + text, name)
        assert (list(found.rows), found.columns) == (ROWS, ("prompt", "seed"))


def test_a_table_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_bytes("prompt;size\ngrößer;3\n".encode("utf-16"))
    assert read_table(tmp_path / "jobs.csv").rows == [{"prompt": "größer", "size": "3"}]
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "nothing.csv")
    with pytest.raises(ForeignData):
        read_table(Path("/dev/zero"))


def test_a_row_knows_its_place_in_the_file() -> None:
    found = table('prompt,seed\n"a\nfox",1\n\na boat,2\n')
    assert list(found.places) == ["line 2", "line 5"]
    assert list(found.rows) == [{"prompt": "a\nfox", "seed": "1"}, {"prompt": "a boat", "seed": "2"}]
    assert list(table("sep=,\na\n1\n2\n").places) == ["line 3", "line 4"]
    assert list(table('{"a": 1}\n\n{"a": 2}', "a.jsonl").places) == ["line 1", "line 3"]
    assert list(table('[{"a": 1}, {"a": 2}]', "a.json").places) == ["item 1", "item 2"]


def test_quotes_inside_a_quoted_value_are_written_twice() -> None:
    assert table('name,size\n"the ""red"" fox",3 "inches"\n').rows == [{"name": 'the "red" fox', "size": '3 "inches"'}]


def test_a_table_with_one_column_needs_no_delimiter() -> None:
    assert table("prompt\na fox\na boat\n").rows == [{"prompt": "a fox"}, {"prompt": "a boat"}]


def test_the_delimiter_that_fits_all_rows_is_chosen() -> None:
    assert table("a, b;c\n1, 2;3\nx;y\n").columns == ("a, b", "c")
    assert table('"a;b",c\n1,2\n').columns == ("a;b", "c")
    assert table("a:b\n1:2\n", delimiter=":").rows == [{"a": "1", "b": "2"}]


def test_a_json_row_may_lack_values_and_columns_are_in_the_order_in_which_they_occur() -> None:
    found = table('[{"b": 1}, {"a": null, "b": [1, {"c": 2}]}]', "a.json")
    assert (found.columns, list(found.rows)) == (("b", "a"), [{"b": 1}, {"a": None, "b": [1, {"c": 2}]}])


CSV = [
    ("", "`jobs.csv` is empty", ""),
    (" \n\n", "`jobs.csv` is empty", ""),
    ("prompt,seed\n", "`jobs.csv` has no rows", ""),
    ("prompt,seed\n,\n", "`jobs.csv` has no rows", ""),
    ("a,b\n1,2\n1,2,3\n", "`jobs.csv`, line 3: the row has 3 values, but there are 2 columns",
     'put a value that contains `,` in double quotes: "..."'),
    ("prompt\na fox, red\n", "`jobs.csv`, line 2: the row has 2 values, but there is 1 column",
     'put a value that contains `,` in double quotes: "..."'),
    ("a,b\n\n1\n", "`jobs.csv`, line 3: the row has 1 value, but there are 2 columns", ""),
    ("a\tb\n1\t2\t3\n", "`jobs.csv`, line 2: the row has 3 values, but there are 2 columns",
     'put a value that contains tab in double quotes: "..."'),
    ("a,,c\n1,2,3\n", "`jobs.csv`, line 1: column 2 has no name", "name the column, or delete it"),
    ("\na,b,\n1,2,3\n", "`jobs.csv`, line 2: column 3 has no name", "name the column, or delete it"),
    ("a,b, a\n1,2,3\n", "`jobs.csv`, line 1: columns 1 and 3 are both named `a`", "rename one of them"),
    ('a,b\n1,2\n3,"4\n5,6\n', "`jobs.csv`, line 3: a quote is never closed", ""),
    ('a,b\n1,"2"3\n', "`jobs.csv`, line 2: text follows a closing quote",
     'write a quote inside a quoted value twice (""), and `,` after the closing quote'),
    ("a;b,c\n1;2,3\n", "`jobs.csv`, line 1: the delimiter is unclear: there are `,` and `;`",
     "state the delimiter, as in `--delimiter ';'`"),
    ("a;b,c\n1\n", "`jobs.csv`, line 1: the delimiter is unclear: there are `,` and `;`",
     "state the delimiter, as in `--delimiter ';'`"),
    ("a\n" + "x" * 200_000, "`jobs.csv`, line 2: a value is longer than 131,072 characters", ""),
    (",".join(f"c{n}" for n in range(1001)) + "\n1\n", "`jobs.csv`, line 1: there are more than 1,000 columns", ""),
]  # fmt: skip

JSON = [
    ("a.json", "{}", "`a.json` is an object, not a list of objects",
     'write [{"prompt": "a fox"}, {"prompt": "a boat"}]'),
    ("a.json", "3", "`a.json` is a number, not a list of objects",
     'write [{"prompt": "a fox"}, {"prompt": "a boat"}]'),
    ("a.json", "[]", "`a.json` has no rows", ""),
    ("a.json", '[{"a": 1},\n {"a": }]', "`a.json`, line 2, column 8: this is not JSON", ""),
    ("a.json", '[{"a": 1}, "b"]', "`a.json`, item 2: this is a string, not an object", ""),
    ("a.json", '[{"a": 1, "a": 2}]', "`a.json` has two values named `a`", ""),
    ("a.json", '[{"": 1}]', "`a.json`, item 1: a value has no name", ""),
    ("a.json", "[" * 100_000, "`a.json` is nested deeper than 64 levels", ""),
    ("a.jsonl", '{"a": 1}\n\n{"a" 2}', "`a.jsonl`, line 3, column 6: this is not JSON", ""),
    ("a.jsonl", '{"a": 1}\n[1]', "`a.jsonl`, line 2: this is a list, not an object", ""),
    ("a.jsonl", '{"a": 1}\n{"b": 1, "b": 1}', "`a.jsonl`, line 2: this has two values named `b`", ""),
    ("a.jsonl", "null", "`a.jsonl`, line 1: this is null, not an object", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), CSV, ids=[case[1] for case in CSV])
def test_a_malformed_csv_file_is_refused_with_the_line_of_the_error(text: str, message: str, hint: str) -> None:
    with pytest.raises(TextFileError) as raised:
        table(text)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize(("name", "text", "message", "hint"), JSON, ids=[case[2] for case in JSON])
def test_a_malformed_json_file_is_refused_with_the_place_of_the_error(
    name: str, text: str, message: str, hint: str
) -> None:
    with pytest.raises(TextFileError) as raised:
        table(text, name)
    assert (raised.value.message, raised.value.hint) == (message, hint)


@pytest.mark.parametrize(
    ("name", "text"), [("a.csv", "a\n1\n2\n3"), ("a.json", '[{"a":1},{"a":2},{"a":3}]'), ("a.jsonl", '{"a":1}\n' * 3)]
)
def test_the_number_of_rows_is_limited(name: str, text: str) -> None:
    assert len(table(text, name, limit=3).rows) == 3
    with pytest.raises(TextFileError, match=f"^`{name}` has more than 2 rows$"):
        table(text, name, limit=2)


def test_a_column_is_read_as_numbers_only_if_all_its_values_are_plain_numbers() -> None:
    found = with_numbers(table("n,m,name,code,mixed,big\n1,.5,7,007,1,1e400\n-2,,8,1,x,1\n0,1,9,2,,2\n"))
    assert [list(row.values()) for row in found.rows] == [
        [1, ".5", 7, "007", "1", "1e400"],
        [-2, "", 8, "1", "x", "1"],
        [0, "1", 9, "2", "", "2"],
    ]
    assert with_numbers(table("a,b\n0.50,\n2,3\n1e2,4\n")).rows == [
        {"a": 0.5, "b": None}, {"a": 2, "b": 3}, {"a": 100.0, "b": 4},
    ]  # fmt: skip


values = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(values, min_size=width, max_size=width).filter(lambda row: "".join(row).strip()),
                           min_size=1, max_size=4)
)  # fmt: skip


@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["\n", "\r\n"]))
def test_a_table_written_by_python_is_read_back(rows: list[list[str]], delimiter: str, end: str) -> None:
    names = [f"c{number}" for number in range(len(rows[0]))]
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([names, *rows])
    found = table(out.getvalue(), delimiter=delimiter)
    assert [list(row.values()) for row in found.rows] == rows
    as_json = json.dumps([dict(zip(names, row, strict=True)) for row in rows])
    assert list(table(as_json, "a.json").rows) == list(found.rows)


@given(st.binary(max_size=80), st.sampled_from(["a.csv", "a.tsv", "a.json", "a.jsonl"]))
def test_any_bytes_are_read_as_a_table_or_refused(data: bytes, name: str) -> None:
    try:
        found = table_of(data, name)
    except TextFileError:
        return
    assert found.rows
    assert len(found.rows) == len(found.places)
