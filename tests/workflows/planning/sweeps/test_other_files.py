"""`sweep FILE` with a file that is not a table, or a table with wrong rows or unusual column names."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace


def refusal(workspace: Workspace, line: str) -> str:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    return str(caught.value)


@pytest.mark.parametrize("text", ["a cat\na dog\n", "a cat, red\na dog\n"])
def test_a_file_with_a_prompt_in_each_line_is_not_a_table(workspace: Workspace, tmp_path: Path, text: str) -> None:
    (tmp_path / "prompts.txt").write_text(text)
    assert refusal(workspace, "sweep prompts.txt | t2i --seed 1,2 | save {axis.seed}.png") == (
        "error: `prompts.txt` is not a table\n"
        "  sweep prompts.txt | t2i --seed 1,2 | save {axis.seed}.png\n"
        "        ^^^^^^^^^^^\n"
        "  to use each line as a prompt: load-lines prompts.txt as p | t2i --prompt @p*"
    )
    assert workspace.plan("load-lines prompts.txt as p | t2i --prompt @p*").axes


@pytest.mark.parametrize("written", ["'*.png'", "cat.png"])
def test_images_are_not_a_table(workspace: Workspace, cat: Path, written: str) -> None:
    line = f"sweep {written} | i2i a boat"
    assert refusal(workspace, line) == (
        f"error: `{written.strip(chr(39))}` is not a table\n"
        f"  {line}\n"
        f"        {'^' * len(written)}\n"
        f"  write the files in the stage that uses them: i2i {written}"
    )
    assert workspace.plan(f"i2i {written} a boat").nodes


def test_the_error_for_a_missing_image_names_its_row(workspace: Workspace, cat: Path) -> None:
    (cat.parent / "jobs.csv").write_text("image,prompt\ncat.png,a\n\ncatt.png,b\n")
    assert refusal(workspace, "sweep jobs.csv | i2i") == (
        "error: `jobs.csv`, line 4: no file matches `catt.png`\n"
        "  sweep jobs.csv | i2i\n"
        "        ^^^^^^^^\n"
        "  did you mean `cat.png`?"
    )


def test_errors_name_each_wrong_row_of_a_table_and_point_at_written_values(
    workspace: Workspace, tmp_path: Path
) -> None:
    (tmp_path / "jobs.csv").write_text("scheduler,prompt\neule,a\neuler,b\nddmi,c\n")
    with pytest.raises(Refusal) as caught:
        workspace.plan("sweep jobs.csv model=default,mine | t2i")
    assert [(error.message, error.span.start) for error in caught.value.errors] == [
        ("`jobs.csv`, line 2: there is no scheduler `eule`", 6),
        ("`jobs.csv`, line 4: there is no scheduler `ddmi`", 6),
        ("there is no model `mine`", 29),
    ]


def test_the_error_for_a_row_of_the_wrong_width_names_the_row(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,seed\na cat,1\na dog,2,3\n")
    assert refusal(workspace, "sweep jobs.csv | t2i") == (
        "error: `jobs.csv`, line 3: the row has 3 values, but there are 2 columns\n"
        "  sweep jobs.csv | t2i\n"
        "        ^^^^^^^^\n"
        '  put a value that contains `,` in double quotes: "..."'
    )


def test_capital_letters_in_the_names_of_columns_do_not_matter(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("Prompt,SEED,Clip Skip\na cat,1,0\na dog,2,1\n")
    plan = workspace.plan("sweep jobs.csv | t2i | save {axis.seed}.png")
    assert [axis.name for axis in plan.axes] == ["prompt+seed+clip_skip"]
    assert plan.notes == ()


def test_a_column_in_lower_case_takes_precedence_over_a_capitalized_one(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,seed,Seed\na cat,1,7\na dog,2,8\n")
    plan = workspace.plan("sweep jobs.csv | t2i")
    assert [list(row.values) for axis in plan.axes for row in axis.values] == [["a cat", 1], ["a dog", 2]]
    assert plan.notes == ("no stage uses the column `Seed` of `jobs.csv`",)


def test_the_hint_for_a_table_as_the_value_of_a_name_leaves_out_the_name(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,seed\na cat,1\n")
    assert refusal(workspace, "sweep file=jobs.csv | t2i").endswith(
        "to use the columns of the table, write sweep jobs.csv"
    )
    assert workspace.plan("sweep jobs.csv | t2i").nodes
