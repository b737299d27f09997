"""The user's defaults for single models apply wherever a node uses the model, however the model reaches the node."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from invocations.language.errors import Refusal
from workflows.own_defaults import own_of_model, remove_default
from workflows.planning.plan_line import Plan
from workflows.problems import UsageError
from workflows.workspace import Workspace

THOSE_THAT_CAN = (
    "only inputs whose default depends on the model can:"
    " `clip_skip`, `guidance`, `height`, `scheduler`, `steps`, `width`"
)


@pytest.fixture
def small(isolated_home: Path) -> Path:
    """Add a second model, whose parts are links to those of the default model."""
    folder = isolated_home / "data" / "models" / "small"
    folder.mkdir(parents=True)
    for part in DEFAULT_PATH.iterdir():
        (folder / part.name).symlink_to(part)
    return folder


def found(plan: Plan, name: str) -> list[tuple[object, str, str]]:
    """Return the values of the inputs with this name, each with its origin and the model it is a default for."""
    return [(value.value, value.origin, value.model) for value in plan.values if value.input == name]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("t2i a fox --model small", (30, "set", "small")),
        ("t2i a fox --model small --steps 4", (4, "written", "")),
        ("model small | t2i a fox", (30, "set", "small")),
        ("model small as m | prompt a fox --model @m | noise | denoise", (30, "set", "small")),
        ("range 1 2 | iterate as n | t2i a fox --model small --seed @n", (30, "set", "small")),
        ("t2i a fox", (20, "model", "")),
        ("t2i a fox --model small --seed 1,2", (30, "set", "small")),
    ],
)
def test_a_default_for_a_model_is_used_with_this_model_only(
    workspace: Workspace, line: str, expected: tuple[object, str, str]
) -> None:
    workspace.set("steps", 30, model="small")
    assert found(workspace.plan(line), "steps") == [expected]


@pytest.mark.usefixtures("small")
def test_a_default_for_a_model_comes_after_one_for_a_command_and_before_one_for_all(workspace: Workspace) -> None:
    workspace.set("steps", 30, model="small")
    workspace.set("steps", 9)
    assert found(workspace.plan("t2i a fox --model small"), "steps") == [(30, "set", "small")]
    assert found(workspace.plan("t2i a fox"), "steps") == [(9, "set", "")]
    workspace.set("t2i.steps", 5)
    assert found(workspace.plan("t2i a fox --model small"), "steps") == [(5, "set", "")]


def test_a_model_may_be_named_by_its_path_in_the_line_and_in_the_default(workspace: Workspace, small: Path) -> None:
    workspace.set("steps", 30, model=str(small))
    assert workspace.memory.defaults == {"steps@small": "30"}
    for name in ("small", small):
        assert found(workspace.plan(f"t2i a fox --model '{name}'"), "steps") == [(30, "set", "small")]
    workspace.memory.unset("steps@small")
    workspace.memory.set(f"steps@{small}", "31")  # as a script's `set` is planned
    for name in ("small", small):
        assert found(workspace.plan(f"t2i a fox --model '{name}'"), "steps")[0][0] == 31


def test_a_default_applies_to_one_file_under_all_its_names_and_its_path(workspace: Workspace, small: Path) -> None:
    other = small.parent / "others" / "small"
    other.parent.mkdir()
    workspace.set("steps", 30, model="small")
    shutil.copytree(small, other)
    workspace.set("steps", 4, model="small@others")
    plan = workspace.plan("t2i a fox --model small@models")
    note = "a default for `small` is not used, because the name is not unique: set it for `small@models`"
    assert (found(plan, "steps")[0][0], plan.notes) == (20, (note,))
    with pytest.raises(UsageError, match="several models are named `small`"):
        workspace.set("steps", 7, model="small")
    workspace.set("steps", 5, model=str(small))
    assert workspace.memory.defaults == {"steps@small": "30", "steps@small@others": "4", f"steps@{small}": "5"}
    for name, steps in (("small@models", 5), (small, 5), ("small@others", 4), (other, 4)):
        assert found(workspace.plan(f"t2i a fox --model '{name}'"), "steps")[0][0] == steps
    assert own_of_model(workspace, "small@models", str(small)) == {"steps": "5"}
    assert own_of_model(workspace, "small@others", str(other)) == {"steps": "4"}
    assert remove_default(workspace, "steps", str(other), file="").model == "small@others"
    assert remove_default(workspace, "steps", "small@models", file="").model == str(small)
    assert workspace.memory.defaults == {"steps@small": "30"}


def test_a_default_for_a_model_outside_the_folders_is_kept_by_its_path(workspace: Workspace, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        shutil.copytree(DEFAULT_PATH, tmp_path / folder / "owl")
    workspace.set("steps", 4, model=str(tmp_path / "a" / "owl"))
    for folder, steps in (("a", 4), ("b", 20)):
        plan = workspace.plan(f"t2i a fox --model '{tmp_path / folder / 'owl'}'")
        assert found(plan, "steps")[0][0] == steps


def test_a_model_that_an_earlier_line_has_chosen_is_known(workspace: Workspace, small: Path) -> None:
    workspace.set("steps", 30, model="small")
    workspace.run("model small as m")
    assert found(workspace.plan("t2i a fox --model @m"), "steps") == [(30, "set", "small")]
    workspace.attach(workspace.memory.session_id or "")
    assert found(workspace.plan("t2i a fox --model @m"), "steps") == [(30, "set", "small")]


@pytest.mark.usefixtures("small", "cat")
def test_a_default_size_is_not_used_if_an_image_determines_the_size(workspace: Workspace) -> None:
    workspace.set("width", 64, model="default")
    assert found(workspace.plan("t2i a fox"), "width")[0] == (64, "set", "default")
    assert {each[:2] for each in found(workspace.plan("i2i cat.png a fox"), "width")} == {(16, "derived")}


@pytest.mark.usefixtures("small")
def test_in_a_loop_over_models_a_default_is_used_if_it_is_the_same_for_all_of_them(workspace: Workspace) -> None:
    workspace.set("steps", 30, model="small")
    plan = workspace.plan("sweep model=small,default | t2i a fox")
    assert found(plan, "steps") == [(None, "model", "")]
    (note,) = plan.notes
    assert note == (
        "the default of `steps` for `small` is not used in this loop, because the models in the loop have different "
        "defaults: write `--steps`"
    )
    workspace.set("steps", 30, model="default")
    plan = workspace.plan("t2i a fox --model small,default")
    assert (found(plan, "steps")[0][:2], plan.notes) == ((30, "set"), ())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("text", "why"), [("abc", "it takes a whole number"), ("0", "`steps` must be 1 to 1000, not 0")]
)
def test_the_error_for_an_invalid_default_names_the_model(workspace: Workspace, text: str, why: str) -> None:
    workspace.memory.set("steps@small", text)  # as a settings file says
    with pytest.raises(Refusal) as refused:
        workspace.plan("t2i a fox --model small")
    assert str(refused.value) == (
        f"error: the default set for `steps` with the model `small` is `{text}`, but {why}\n"
        "  t2i a fox --model small\n"
        "  ^^^\n"
        "  write `--steps` in the line, or `unset steps --model small`"
    )
    assert found(workspace.plan("t2i a fox --model small --steps 3"), "steps") == [(3, "written", "")]


@pytest.mark.parametrize(
    ("name", "model", "message", "hint"),
    [
        (
            "seed",
            "default",
            "`seed` cannot have a default for one model",
            f"{THOSE_THAT_CAN}; `set seed VALUE` is for all models",
        ),
        (
            "t2i.steps",
            "default",
            "`t2i.steps` cannot have a default for one model",
            "a default for one model applies to all commands: write `steps`",
        ),
        (
            "vae",
            "default",
            "`vae` cannot have a default for one model",
            f"{THOSE_THAT_CAN}; `set vae VALUE` is for all models",
        ),
        ("steps", "small", "there is no model `small`", "did you mean"),
    ],
)
def test_a_default_that_no_model_can_have_is_refused(
    workspace: Workspace, name: str, model: str, message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        workspace.set(name, 5, model=model)
    assert refused.value.message == message
    assert message.startswith("there is no") or refused.value.hint == hint


@pytest.mark.usefixtures("small")
def test_an_image_records_the_value_so_the_line_recreates_it_without_the_default(workspace: Workspace) -> None:
    workspace.set("steps", 2, model="small")
    (made,) = workspace.run("t2i a fox --model small --seed 1 --width 64 --height 64")
    workspace.memory.unset("steps@small")
    from workflows.image_line import line_of_image

    assert "--steps 2" in line_of_image(workspace, str(made.path)).line


@pytest.mark.usefixtures("small")
def test_the_line_of_an_image_that_was_made_without_a_default_excludes_it(workspace: Workspace) -> None:
    from workflows.image_line import line_of_image

    (made,) = workspace.run("t2i a fox --model small --seed 1 --steps 1 --width 64 --height 64 --guidance none")
    workspace.set("guidance", 2, model="small")
    line = line_of_image(workspace, str(made.path)).line
    assert "--guidance none" in line
    assert found(workspace.plan(line), "guidance") == [(None, "written", "")]


def columns(plan: Plan) -> list[object]:
    """Return the values of each list that an axis takes its values from."""
    return [value.value for value in plan.values if value.input == "values"][1:]


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("line", "axis", "expected"),
    [
        ("t2i a fox --model small,default", "model+steps", [["small", "default"], [30, 20]]),
        (
            "t2i a fox --model small,default --seed 1,2 --zip model,seed",
            "model+seed+steps",
            [["small", "default"], [1, 2], [30, 20]],
        ),
    ],
)
def test_on_an_axis_of_models_each_model_has_its_own_default(
    workspace: Workspace, line: str, axis: str, expected: list[object]
) -> None:
    workspace.set("steps", 30, model="small")
    plan = workspace.plan(line)
    assert (plan.axes[0].name, columns(plan), plan.items) == (axis, expected, 2)
    workspace.set("steps", 9)
    assert columns(workspace.plan(line))[-1] == [30, 9]


@pytest.mark.usefixtures("small")
def test_on_an_axis_of_models_written_values_and_defaults_for_a_command_come_first(workspace: Workspace) -> None:
    workspace.set("steps", 30, model="small")
    assert workspace.plan("t2i a fox --model small,default --steps 4").axes[0].name == "model"
    workspace.set("t2i.steps", 5)
    plan = workspace.plan("t2i a fox --model small,default")
    assert (plan.axes[0].name, found(plan, "steps")) == ("model", [(5, "set", "")])


@pytest.mark.usefixtures("small")
def test_images_of_an_axis_of_models_are_made_with_the_defaults_of_their_models(
    workspace: Workspace, tmp_path: Path
) -> None:
    workspace.set("steps", 1, model="small")
    workspace.set("steps", 2, model="default")
    save = 'save "{axis.model}-{axis.steps}.png"'
    workspace.run(f"t2i a fox --model small,default --seed 1 --width 64 --height 64 | {save}")
    assert {path.name for path in tmp_path.glob("*.png")} == {"small-1.png", "default-2.png"}
