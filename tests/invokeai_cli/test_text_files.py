"""Lines that load text files: results, errors while the line is planned, and the cache by content."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.invokeai_cli.conftest import TypeLine


def test_the_lines_of_a_file_go_through_a_pipeline(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a fox\n# old\na boat\n")
    done = type_("load-lines prompts.txt | iterate | format '{a} in the snow' | collect | join ' / '", folder=tmp_path)
    assert (done.status, done.out, done.err) == (0, "a fox in the snow / a boat in the snow\n", "")


def test_lines_can_be_piped_into_the_program(type_: TypeLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a fox\na boat\n")))
    assert type_("load-lines - | length").out == "2\n"


def test_the_rows_of_a_table_are_printed_as_json(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt;seed\na fox;1\na boat, at sea;2\n")
    done = type_("load-table", "jobs.csv", folder=tmp_path)
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"prompt": "a fox", "seed": 1},
        {"prompt": "a boat, at sea", "seed": 2},
    ]


def test_the_first_of_the_chosen_columns_can_be_used_by_name(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("name,size\na,3\nb,4\n")
    done = type_(
        "load-table jobs.csv --columns size as jobs | sort --collection @jobs.column --descending", folder=tmp_path
    )
    assert (done.status, done.out, done.err) == (0, "4\n3\n", "")


def test_a_result_is_cached_until_the_content_of_the_file_changes(type_: TypeLine, tmp_path: Path) -> None:
    def reused() -> bool:
        events = type_("--events", "load-lines", "prompts.txt", folder=tmp_path).events
        return next(event["reused"] for event in events if event.get("event") == "node_finished")

    (tmp_path / "prompts.txt").write_text("a fox\n")
    assert [reused(), reused()] == [False, True]
    (tmp_path / "prompts.txt").write_text("a boat\n")
    assert [reused(), reused()] == [False, True]
    (tmp_path / "prompts.txt").write_text("a fox\n")
    assert reused() is True


def test_a_missing_file_is_refused_when_the_line_is_planned(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("a fox\n")
    done = type_("add 1 2 | load-lines promts.txt", folder=tmp_path)
    assert done.status == 2
    assert done.err == (
        "error: there is no file `promts.txt`\n"
        "  add 1 2 | load-lines promts.txt\n"
        "                       ^^^^^^^^^^\n"
        "  did you mean `prompts.txt`?\n"
    )


def test_the_error_for_a_malformed_table_names_the_line_of_the_file(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,seed\na fox, red,1\n")
    done = type_("load-table jobs.csv | length", folder=tmp_path)
    assert done.status == 1
    assert done.err == (
        "error: load-table (1): `jobs.csv`, line 2: the row has 3 values, but there are 2 columns\n"
        '  put a value that contains `,` in double quotes: "..."\n'
    )
