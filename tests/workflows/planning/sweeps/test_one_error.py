"""One mistake in a sweep causes one error: the stages after it are planned as if there were no mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

WRONG_STEPS = "`steps` takes a whole number, not `x`"
ONE_ERROR = {
    "t2i a fox --steps 10,x | grid": WRONG_STEPS,
    "t2i a fox --steps 10,x | save {axis.steps}.png": WRONG_STEPS,
    "t2i a fox --steps 10,x | collect --by steps | grid": WRONG_STEPS,
    "t2i a fox --steps x --seed 1..2 | save {axis.seed}.png": WRONG_STEPS,
    "t2i a fox --steps 10,x --seed 1,2 --guidance 1,2 | grid --rows steps | save {axis.guidance}.png": WRONG_STEPS,
    "t2i a fox --seed 8..1 --steps 1,2 | grid --rows seed --columns steps": "the range `8..1` is empty",
    "t2i a fox --stepz 3 --seed 1,2 | save {axis.seed}.png": "`t2i` has no input `stepz`",
    "t2i a fox --stepz 3 --seed 1,2 | grid --rows seed": "`t2i` has no input `stepz`",
    "t2i a fox --stepz 3 --seed 1,2 | collect --by seed | grid": "`t2i` has no input `stepz`",
    "t2i a fox --seed 1,2 --steps 3 --zip seed,stepz | save {axis.seed}.png": (
        "`t2i` has no axis `stepz`: its axes are `seed`"
    ),
    "t2i a fox --vary cat=dog | save {axis.cat}.png": "`cat` does not occur in `prompt`",
    "t2i a fox --dynamic | save {axis.prompt}.png": (
        "`--dynamic` needs a template, but the text has no alternatives and no wildcards"
    ),
    "t2i a fox --seed 1..200000 | save {axis.seed}.png": (
        "the sweep has 200000 items, but at most 100000 are possible"
    ),
    "t2i a fox --seed 1,2 | save {seeds}.png": "the file name `{seeds}.png` has an unknown field `seeds`",
    "t2i a fox --seed 1-8 | grid": "`seed` takes a whole number, not `1-8`",
    "t2i a fox --seeds 1..4 | grid": "`t2i` has no input `seeds`",
    "t2i a fox --seeds 1,2 | save {row}-{axis.seed}.png": "`t2i` has no input `seeds`",
    "t2i a fox --vary red | grid": "`--vary` takes a word and its replacements, such as red=blue,green",
    "t2i a fox --strenght .3,.5 | grid": "`t2i` has no input `strenght`",
    "t2i a fox --steps x | blur 2 | grid": WRONG_STEPS,
    "t2i a fox --seed 1,2 | montag | save fox.png": "there is no command `montag`",
    "sweep seed=1..x | t2i a fox | save {axis.seed}.png": "`x` is not a whole number",
    "sweep seed=1..x steps=1,2 | t2i a fox | grid --rows seed": "`x` is not a whole number",
    "sweep seed=1..3 steps=1,2 --zip seed,steps | t2i a fox | grid --rows seed": (
        "`seed` has 3 values, but `steps` has 2 values"
    ),
    "sweep --size 3 seed=1..2 | t2i a fox | save {axis.seed}.png": "`sweep` has no option `--size`",
    "sweep no.csv | t2i | save {axis.name}.png": "there is no file `no.csv`",
    "sweep no.csv | t2i | grid --rows seed": "there is no file `no.csv`",
}
NAMES = {
    "sweep prompts=a,b | t2i": (
        "error: no stage uses `prompts`\n  sweep prompts=a,b | t2i\n        ^^^^^^^\n  did you mean `prompt`?"
    ),
    "sweep files=cat.png | scale 2": (
        "error: no stage uses `files`\n"
        "  sweep files=cat.png | scale 2\n"
        "        ^^^^^\n"
        "  the stages take `image`, `factor`, `method`"
    ),
    "sweep seed=1..2 | t2i a boat --seed 5 | grid": (
        "error: no stage uses `seed`: `t2i` has `--seed 5`\n"
        "  sweep seed=1..2 | t2i a boat --seed 5 | grid\n"
        "        ^^^^\n"
        "  leave out `--seed 5`, or `seed` after `sweep`"
    ),
    "sweep seed=1..2 steps=3,4 | t2i a boat --seed=5 | grid --rows seed | save {axis.seed}.png": (
        "error: no stage uses `seed`: `t2i` has `--seed=5`\n"
        "  sweep seed=1..2 steps=3,4 | t2i a boat --seed=5 | grid --rows seed | save {axis.seed}.png\n"
        "        ^^^^\n"
        "  leave out `--seed=5`, or `seed` after `sweep`"
    ),
    'sweep prompt="a" "b" | t2i a boat | collect --by prompt': (
        "error: no stage uses `prompt`: `t2i` has a prompt of its own\n"
        '  sweep prompt="a" "b" | t2i a boat | collect --by prompt\n'
        "        ^^^^^^\n"
        "  leave out the prompt, or `prompt` after `sweep`"
    ),
    "sweep sead=1..2 | t2i a boat | save {axis.sead}.png": (
        "error: no stage uses `sead`\n"
        "  sweep sead=1..2 | t2i a boat | save {axis.sead}.png\n"
        "        ^^^^\n"
        "  did you mean `seed`?"
    ),
    "sweep color=red,blue seed=3,4 | t2i a | save {axis.color}-{axis.seed}.png": (
        "error: no stage uses `color`\n"
        "  sweep color=red,blue seed=3,4 | t2i a | save {axis.color}-{axis.seed}.png\n"
        "        ^^^^^\n"
        "  it can only advance with a name that a stage uses: --zip seed,color"
    ),
    "sweep color=red,blue seed=3,4 | t2i about axis.color": (
        "error: no stage uses `color`\n"
        "  sweep color=red,blue seed=3,4 | t2i about axis.color\n"
        "        ^^^^^\n"
        "  the stages take `prompt`, `negative`, `model`, `width`, `height`, `steps`, `guidance`, `scheduler`, ..."
    ),
    "sweep image=cat.png | t2i a | blur 2 | grid": (
        "error: no stage uses `image`\n"
        "  sweep image=cat.png | t2i a | blur 2 | grid\n"
        "        ^^^^^\n"
        "  each stage that has `image` sets it itself or receives it from another stage"
    ),
}


def refusal(workspace: Workspace, line: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    return caught.value


@pytest.mark.parametrize(("line", "message"), ONE_ERROR.items(), ids=ONE_ERROR)
def test_a_mistake_in_a_sweep_causes_no_further_error(workspace: Workspace, line: str, message: str) -> None:
    assert [error.message for error in refusal(workspace, line).errors] == [message]


@pytest.mark.parametrize(("line", "text"), NAMES.items(), ids=NAMES)
def test_a_name_that_no_stage_uses_causes_only_one_error(workspace: Workspace, cat: Path, line: str, text: str) -> None:
    assert str(refusal(workspace, line)) == text


TAKEN_AS_TEXT = {
    "t2i a boat seed=1..3 steps=2 | grid": "`seed=1..3 steps=2` was taken as text: write --seed 1..3 --steps 2",
    "t2i a boat --negative blur,dark | blur 2 | grid": (
        "`blur,dark` is a single text; for 2 values, write --negative blur --negative dark"
    ),
    't2i a boat --negative="a blur, dark" | grid': (
        '`a blur, dark` is a single text; for 2 values, write --negative "a blur" --negative dark'
    ),
}


@pytest.mark.parametrize(("line", "hint"), TAKEN_AS_TEXT.items(), ids=TAKEN_AS_TEXT)
def test_a_missing_list_hints_at_values_that_were_taken_as_text(workspace: Workspace, line: str, hint: str) -> None:
    assert [error.hint for error in refusal(workspace, line).errors] == [hint]


def test_errors_that_do_not_follow_from_an_earlier_error_are_reported(workspace: Workspace) -> None:
    found = refusal(workspace, "t2i a fox --steps x | save {nmae}.png")
    assert [error.code for error in found.errors] == ["bad_value", "bad_file_name"]
    found = refusal(workspace, "t2i a fox | grid | blur x")
    assert [error.code for error in found.errors] == ["scalar_into_list", "bad_value"]


def test_two_mistakes_in_a_sweep_are_both_reported(workspace: Workspace) -> None:
    found = refusal(workspace, "t2i a fox --steps 10,x | i2i a boat --strength .2,y | save {axis.step}.png")
    assert [error.message for error in found.errors] == [WRONG_STEPS, "`strength` takes a number, not `y`"]
    found = refusal(workspace, "sweep seed=1..2 steps=3 | t2i a --seed 3 --stepz 4")
    assert [error.code for error in found.errors] == ["unused_value", "unknown_option"]


def test_the_hints_for_an_unused_name_can_be_typed(workspace: Workspace) -> None:
    workspace.plan("sweep seed=1..2 | t2i a boat | grid")
    workspace.plan("t2i a boat --seed 5 | blur 2")
    workspace.plan("sweep color=red,blue seed=3,4 --zip seed,color | t2i a | save {axis.color}-{axis.seed}.png")
