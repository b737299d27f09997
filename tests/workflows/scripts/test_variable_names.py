"""A script's variables are found by tokenizing it, so quotes, escapes, comments and continued lines are respected."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.scripts.variable_names import variable_names

INNER = "let inside = 1\nadd ${used} 1\n"


def names(text: str, folder: Path, forced: dict[str, str] | None = None) -> set[str]:
    return set(variable_names(text, "top.inv", str(folder), {"unrelated": "1", **(forced or {})}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("let x = 1\nlet y=2\nlet z =3\n", {"x", "y", "z"}),
        ("  let x = 1", {"x"}),
        ("let \\\n  x = 1\n", {"x"}),
        ("let 'x' = 1\n", {"x"}),
        ("# let x = 1\n", set()),
        ("let x = 1  # let y = 2\n", {"x"}),
        ("replace a a 'first\nlet x = 1\nlast'\n", set()),
        ('replace a a "first\nrun b.inv\n${y}"\n', {"y"}),
        ("'let' x = 1\n", set()),
        ("letter x = 1\n", set()),
        ("let 1x = 2\nlet\n", set()),
        ("let x = ${y}\n", {"x", "y"}),
        ("replace a a '${x}'\n", set()),
    ],
)
def test_a_name_is_set_by_let_or_used_in_a_value(tmp_path: Path, text: str, found: set[str]) -> None:
    assert names(text, tmp_path) == found


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("run b.inv", "b.inv"),
        ("run 'b c.inv'", "b c.inv"),
        ('run "b c.inv"', "b c.inv"),
        ('run "b \\"c\\".inv"', 'b "c".inv'),
        ("run \\\n  b.inv", "b.inv"),
        ("run b.inv # again", "b.inv"),
        ("run b#c.inv", "b#c.inv"),
        ("let f = b\nrun ${f}.inv", "b.inv"),
        ("let f = 'b c'\nrun \"${f}.inv\"", "b c.inv"),
    ],
)
def test_the_names_of_an_inner_script_are_included(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / name).write_text(INNER)
    assert names(line, tmp_path) - {"f"} == {"inside", "used"}


def test_an_inner_script_may_be_named_by_a_variable_from_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "b.inv").write_text(INNER)
    assert names("let f = nowhere\nrun ${f}", tmp_path, {"f": "b.inv"}) == {"f", "inside", "used"}


@pytest.mark.parametrize(
    "line", ["run b.inv --dry-run", "run nowhere.inv", "run ${nowhere}", "'run' b.inv", "# run b.inv"]
)
def test_a_line_that_runs_no_script_adds_no_names(tmp_path: Path, line: str) -> None:
    (tmp_path / "b.inv").write_text(INNER)
    assert names(line, tmp_path) <= {"nowhere"}


def test_scripts_that_run_each_other_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "b.inv").write_text("run top.inv\nrun b.inv\nlet x = 1\n")
    assert names("run b.inv\nrun b.inv\n", tmp_path) == {"x"}
