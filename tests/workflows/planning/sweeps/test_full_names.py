"""Two axes with the same name: the later one gets its command in its name; the earlier one accepts that form too."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

STEPS = "t2i a --steps 1,2 | i2i b --steps 3,4"
STRENGTHS = "t2i a | i2i b --strength .3,.4 | i2i c --strength .5,.6"


def inputs(plan: Any, type_: str) -> dict[str, Any]:
    """Return the inputs of the last node of a type."""
    return next(dict(node.inputs) for node in reversed(plan.nodes) if node.type == type_)


def test_the_later_of_two_axes_with_the_same_name_has_the_command_in_its_name(workspace: Workspace) -> None:
    assert [axis.name for axis in workspace.plan(STEPS).axes] == ["steps", "i2i.steps"]
    assert [axis.name for axis in workspace.plan(STRENGTHS).axes] == ["strength", "i2i.strength.2"]


@pytest.mark.parametrize(
    ("written", "rows", "columns"),
    [
        ("--rows steps", "steps", None),
        ("--rows t2i.steps", "steps", None),
        ("--rows i2i.steps --columns t2i.steps", "i2i.steps", "steps"),
    ],
)
def test_both_axes_can_be_rows_or_columns(workspace: Workspace, written: str, rows: str, columns: str | None) -> None:
    found = inputs(workspace.plan(f"{STEPS} | grid {written}"), "grid")
    assert (found["rows"], found.get("columns")) == (rows, columns)


def test_the_full_name_is_accepted_without_a_second_axis(workspace: Workspace) -> None:
    assert inputs(workspace.plan("t2i a --steps 1,2 | grid --rows t2i.steps"), "grid")["rows"] == "steps"
    plan = workspace.plan(f"{STRENGTHS} | grid --rows i2i.strength --columns i2i.strength.2")
    assert (inputs(plan, "grid")["rows"], inputs(plan, "grid")["columns"]) == ("strength", "i2i.strength.2")


@pytest.mark.parametrize(
    ("by", "closed"),
    [("steps", ["steps"]), ("t2i.steps", ["steps"]), ("i2i.steps,t2i.steps", ["i2i.steps", "steps"])],
)
def test_collect_closes_an_axis_that_is_named_in_full(workspace: Workspace, by: str, closed: list[str]) -> None:
    assert inputs(workspace.plan(f"{STEPS} | collect --by {by}"), "collect")["by"] == closed


def test_a_file_name_shows_both_axes(workspace: Workspace) -> None:
    plan = workspace.plan(STEPS + " | save {axis.t2i.steps}-{axis.i2i.steps}.png")
    assert inputs(plan, "save")["target"] == "{axis.steps}-{axis.i2i.steps}.png"
    plan = workspace.plan(STRENGTHS + " | save {axis.i2i.strength}-{axis.i2i.strength.2}.png")
    assert inputs(plan, "save")["target"] == "{axis.strength}-{axis.i2i.strength.2}.png"
    plan = workspace.plan(STEPS + " | grid | save sheet-{date}.png")
    assert inputs(plan, "save")["target"] == "sheet-{date}.png"


def test_other_strings_with_the_name_of_an_axis_stay_as_they_are(workspace: Workspace) -> None:
    plan = workspace.plan("t2i a --steps 1,2 | i2i t2i.steps {axis.t2i.steps}")
    assert inputs(plan, "prompt")["text"] == "t2i.steps {axis.t2i.steps}"


def test_a_wrong_axis_of_a_grid_causes_only_one_error(workspace: Workspace) -> None:
    line = "t2i a --steps 1,2 --seed 1,2 --guidance 3,4 | grid --rows i2i.steps | save {axis.seed}.png"
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    assert [error.message for error in caught.value.errors] == ["there is no axis `i2i.steps`"]
