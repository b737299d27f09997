"""`sweep FILE`: the columns of a table feed the inputs of the same names, and each row is an item."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

JOBS = 'prompt,seed,steps,name\n"a fox, red",7,2,first\na boat,8,3,second\n'


def axes(plan: Any) -> list[tuple[str, list[Any]]]:
    return [(axis.name, [list(row.values) for row in axis.values]) for axis in plan.axes]


def test_the_columns_that_stages_use_advance_together_as_one_axis(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(JOBS)
    plan = workspace.plan("sweep jobs.csv | t2i")
    assert axes(plan) == [("prompt+seed+steps", [["a fox, red", 7, 2], ["a boat", 8, 3]])]
    assert plan.notes == ("no stage uses the column `name` of `jobs.csv`",)
    named = {link.edge.source: link.edge for link in plan.links if link.reason == "named"}
    ends = [(named[source].target, named[source].input) for source in ("1.pick", "1.pick.2", "1.pick.3")]
    assert ends == [("2.prompt", "text"), ("2.noise", "seed"), ("2.denoise", "steps")]


def test_a_note_names_a_column_whose_input_every_stage_sets_itself(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt,seed,steps\na fox,7,2\na boat,8,3\n")
    plan = workspace.plan("sweep jobs.csv | t2i --seed 1,2")
    assert plan.notes == ("the column `seed` of `jobs.csv` is not used: every stage that has `seed` sets it itself",)
    mentioned = workspace.plan("sweep jobs.csv | t2i --seed 1,2 | save {axis.seed}-{axis.steps}-{index}.png")
    assert mentioned.notes == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jobs.tsv", "prompt\tseed\na fox\t7\n"),
        ("jobs.jsonl", '{"prompt": "a fox", "seed": 7}\n'),
        ("jobs.json", '[{"prompt": "a fox", "seed": 7}]'),
    ],
)
def test_tables_in_every_format_can_be_swept(workspace: Workspace, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert axes(workspace.plan(f"sweep {name} | t2i")) == [("prompt+seed", [["a fox", 7]])]


def test_names_declared_besides_a_table_become_further_axes(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("prompt\na fox\na boat\n")
    plan = workspace.plan("sweep 'jobs.csv' seed=1..3 | t2i")
    assert [(axis.name, list(axis.values)) for axis in plan.axes] == [
        ("prompt", ["a fox", "a boat"]),
        ("seed", [1, 2, 3]),
    ]


def test_a_column_can_be_used_in_a_condition(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(JOBS)
    plan = workspace.plan("sweep jobs.csv --where \"name == 'second'\" | t2i")
    assert axes(plan) == [("prompt+seed+steps+name", [["a boat", 8, 3, "second"]])]


def test_spaces_and_dashes_in_a_column_name_become_underscores(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("clip skip\n0\n1\n")
    plan = workspace.plan("sweep jobs.csv | t2i a fox")
    assert [(axis.name, list(axis.values)) for axis in plan.axes] == [("clip_skip", [0, 1])]


def refusal(workspace: Workspace, line: str) -> str:
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    return str(refused.value)


REFUSED = [
    ("prompt,seed\na fox,7\na boat,x\n", "`jobs.csv`, line 3: `seed` takes a whole number, not `x`", ""),
    ("prompt,seed\na fox,7\na boat,\n", "`jobs.csv`, line 3: `seed` takes a whole number, not an empty string", ""),
    ("prompt,steps\na fox,0\n", "`jobs.csv`, line 2: `steps` must be 1 to 1000, not 0", ""),
    ("a,b\n1,2\n", "no stage uses a column of `jobs.csv`", "its columns are `a`, `b`"),
    ("prompt\na fox, red\n", "`jobs.csv`, line 2: the row has 2 values, but there is 1 column",
     'put a value that contains `,` in double quotes: "..."'),
    ("clip skip,clip_skip\n1,2\n", "`jobs.csv` has two columns named `clip_skip`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), REFUSED, ids=[case[1] for case in REFUSED])
def test_a_table_whose_values_do_not_fit_is_refused_with_the_line_of_the_file(
    workspace: Workspace, tmp_path: Path, text: str, message: str, hint: str
) -> None:
    (tmp_path / "jobs.csv").write_text(text)
    expected = f"error: {message}\n  sweep jobs.csv | t2i a fox\n        ^^^^^^^^" + (f"\n  {hint}" if hint else "")
    assert refusal(workspace, "sweep jobs.csv | t2i a fox") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"seed": 1}\n{"prompt": "a"}', "`jobs.jsonl`, line 2: `seed` has no value"),
        ('{"seed": 1}\n\n{"seed": [2]}', "`jobs.jsonl`, line 3: `seed` must be a single value"),
    ],
)
def test_a_table_value_that_is_missing_or_a_list_is_refused(
    workspace: Workspace, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "jobs.jsonl").write_text(text)
    assert refusal(workspace, "sweep jobs.jsonl | t2i a fox").startswith(f"error: {message}\n")


def test_a_model_that_does_not_exist_is_refused(workspace: Workspace) -> None:
    assert refusal(workspace, "sweep model=default,defalt | t2i a fox") == (
        "error: there is no model `defalt`\n"
        "  sweep model=default,defalt | t2i a fox\n"
        "                      ^^^^^^\n"
        "  did you mean `default`?"
    )


def test_a_missing_table_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(JOBS)
    assert refusal(workspace, "sweep job.csv | t2i") == (
        "error: there is no file `job.csv`\n  sweep job.csv | t2i\n        ^^^^^^^\n  did you mean `jobs.csv`?"
    )


def test_a_name_that_is_also_a_column_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text(JOBS)
    assert refusal(workspace, "sweep jobs.csv seed=1..2 | t2i") == (
        "error: `seed` is a column of the table\n"
        "  sweep jobs.csv seed=1..2 | t2i\n"
        "                 ^^^^\n"
        "  rename one of them"
    )
