"""A trial of a script sets inputs in every stage that has them, and saves its images in a separate folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.conftest import OpenWorkspace
from workflows.problems import UsageError
from workflows.scripts.plan import ScriptPlan, plan_script
from workflows.scripts.source import from_text
from workflows.scripts.trial import read_trial, shown_edits
from workflows.workspace import Workspace

VALUES = "--steps 4 --width=64 --no-tiled"


def planned(workspace: Workspace, text: str, values: str = VALUES) -> ScriptPlan:
    trial = read_trial(values, base=workspace.folder)
    return plan_script(workspace, from_text(text, "night.inv"), "night.inv", trial=trial)


@pytest.mark.parametrize(
    ("line", "changed"),
    [
        ("t2i a fox --steps 30 --seed 1", "t2i --steps 4 --width 64 --no-tiled a fox --seed 1"),
        ("t2i a fox --tiled --width=512", "t2i --steps 4 --width 64 --no-tiled a fox"),
        ("t2i --seed 1 -- a fox", "t2i --steps 4 --width 64 --no-tiled --seed 1 -- a fox"),
        ("add 1 2", ""),
        ("load cat.png | resize 32 48", "load cat.png | resize --width 64 48"),
        ("load cat.png | scale 2 | rotate 3", ""),
    ],
)
def test_a_trial_sets_its_inputs_in_every_stage_that_has_them(
    workspace: Workspace, cat: Path, line: str, changed: str
) -> None:
    script = planned(workspace, f"{line}\nt2i x\n")
    assert script.errors == []
    assert script.lines[0].plan is not None
    assert script.lines[0].plan.text == changed


def test_the_recorded_line_contains_the_values_of_the_trial(workspace: Workspace) -> None:
    (line, _) = planned(workspace, "t2i a fox --steps 30\nadd 1 2\n").lines
    assert line.plan is not None
    again = workspace.plan(line.plan.text)
    assert [(node.type, node.inputs) for node in again.nodes] == [(node.type, node.inputs) for node in line.plan.nodes]


@pytest.mark.parametrize(
    ("target", "redirected"),
    [
        ("a.png", "trial/a.png"),
        ("out/a-{seed}.png", "trial/out/a-{seed}.png"),
        ("out/", "trial/out/"),
        ("../../a.png", "trial/a.png"),
        ("/tmp/a.png", "trial/tmp/a.png"),
        ("~/a.png", "trial/a.png"),
        ("-", "-"),
    ],
)
def test_images_are_saved_below_the_folder_of_the_trial(
    workspace: Workspace, cat: Path, target: str, redirected: str
) -> None:
    script = planned(workspace, f"load cat.png | blur 2 | save {target}\n", "--radius 1")
    plan = script.lines[0].plan
    assert plan is not None
    assert plan.nodes[-1].inputs["target"] == redirected
    assert plan.nodes[-1].inputs.get("overwrite", False) is (target != "-")


def test_an_image_without_a_file_name_is_saved_in_the_folder_of_the_trial(workspace: Workspace, cat: Path) -> None:
    script = planned(workspace, "load cat.png | blur 2\n", "--radius 1")
    added = script.lines[0].added
    assert added is not None
    assert [node.inputs for node in added.nodes] == [{"target": "trial/"}]


def test_a_later_line_reads_the_image_that_the_trial_saved(workspace: Workspace, cat: Path) -> None:
    text = "load cat.png | blur 2 | save a.png\nload a.png | rotate 90\ni2i a.png a dog\nload b.png | rotate 90\n"
    lines = planned(workspace, text, "--radius 1").lines
    edits = [shown_edits(line.plan.edits) for line in lines if line.plan]
    assert edits[1] == [("load", "--source trial/a.png")]
    assert edits[2] == [("i2i", "--image trial/a.png")]


def test_the_values_of_a_trial_do_not_affect_lines_outside_the_script(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    planned(workspace, "t2i a fox\n")
    assert workspace.plan("t2i a fox --steps 30").edits == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("", "`--with` needs options"),
        ("steps 4", "`--with` cannot read `steps 4`"),
        ("-n 4", "`--with` cannot read `-n 4`"),
        ("--steps 4 | save", "`--with` cannot read `--steps 4 | save`"),
        ("--steps @x", "`--with` cannot read `--steps @x`: a trial cannot refer to results"),
    ],
)
def test_text_other_than_options_is_refused(values: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_trial(values)
    assert (refused.value.message, refused.value.hint) == (
        message,
        "it takes options, for example --with '--steps 4 --width 64'",
    )


def test_a_value_for_an_input_that_no_stage_has_is_refused(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="`--with`: no stage of the script has an input `stepz`"):
        planned(workspace, "t2i a fox\n", "--stepz 4")


def test_an_invalid_value_is_reported_for_every_line_that_has_the_input(workspace: Workspace) -> None:
    script = planned(workspace, "t2i a fox\nadd 1 2\nt2i a dog\n", "--steps few")
    assert [error.text.split("\n")[0] for error in script.errors] == [
        f"night.inv:{line}:1: error: `steps` takes a whole number, not `few`" for line in (1, 3)
    ]


def test_a_trial_refuses_a_line_whose_file_name_is_computed(workspace: Workspace, cat: Path) -> None:
    script = planned(workspace, "format '{}.png' x as n\nload cat.png | blur 2 | save --target @n\n", "--radius 1")
    assert [error.text.split("\n")[0] for error in script.errors] == [
        "night.inv:2:25: error: `--with` cannot redirect saved files if `target` is computed"
    ]
