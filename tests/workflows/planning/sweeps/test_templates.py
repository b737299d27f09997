"""`--dynamic`, `--wildcards` and `--vary`: the prompts of a template are an axis, and so are replaced words."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from tests.workflows.conftest import OpenWorkspace
from workflows.planning.plan import Plan
from workflows.workspace import Workspace

HOUSES = ["a red house", "a red boat", "a blue house", "a blue boat"]


def axes_of(plan: Plan) -> dict[str, list[str]]:
    """Return the labels of each axis of a line."""
    return {axis.name: axis.labels for axis in plan.axes}


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """Return a folder of wildcard files in the workspace's folder."""
    folder = tmp_path / "words"
    folder.mkdir()
    (folder / "animal.txt").write_text("fox\nhen\n")
    return folder


def test_each_varied_word_is_an_axis(workspace: Workspace) -> None:
    plan = workspace.plan("t2i a red house --vary red=blue,green --vary house=boat,tree | grid")
    assert [len(labels) for labels in axes_of(plan).values()] == [3, 3]


def test_all_prompts_of_a_template_are_an_axis(workspace: Workspace) -> None:
    plan = workspace.plan('t2i "a {red|blue} {house|boat}" --dynamic --seed 7 | save {prompt}.png')
    assert axes_of(plan) == {"prompt": HOUSES}


def test_drawn_prompts_depend_on_the_seed_of_the_line(workspace: Workspace, words: Path) -> None:
    line = 't2i "__animal__ in {2$$snow|rain|fog}" --dynamic=20 --wildcards words --seed '
    (first,), (again,), (other,) = (axes_of(workspace.plan(line + seed)).values() for seed in ("7", "7", "8"))
    assert len(first) == 20
    assert first == again != other


@pytest.mark.parametrize("seeds", ["7,8", "7..9", "7,8 --steps 2,3", "7,7..9,4x", "7..1:-1"])
def test_prompts_are_drawn_from_the_first_seed_of_an_axis(workspace: Workspace, seeds: str) -> None:
    line = 't2i "a {red|blue|green} {house|boat|tree}" --dynamic=5 --seed '
    assert axes_of(workspace.plan(line + seeds))["prompt"] == axes_of(workspace.plan(line + "7"))["prompt"]
    assert axes_of(workspace.plan(line + "8,7"))["prompt"] == axes_of(workspace.plan(line + "8"))["prompt"]


@pytest.mark.parametrize(
    "line",
    [
        't2i "a {red|blue|green} {house|boat}" --dynamic=4',
        "t2i --dynamic=4 -- 'a {red|blue|green} --{house|boat}'",
        't2i "a {~red|blue|green} {house|boat}" --dynamic | grid',
    ],
)
def test_the_seed_of_random_prompts_is_recorded(workspace: Workspace, line: str) -> None:
    plan = workspace.plan(line)
    seed = next(node.inputs["seed"] for node in plan.nodes if "seed" in node.inputs)
    assert plan.text.startswith(f"t2i --seed {seed} ")
    again = workspace.plan(plan.text)
    assert (axes_of(again), again.text) == (axes_of(plan), "")


def test_no_seed_is_picked_for_prompts_that_are_not_random(workspace: Workspace) -> None:
    assert workspace.plan('t2i "a {red|blue} boat" --dynamic').text == ""
    assert workspace.plan('t2i "a {red|blue} boat" --dynamic=1 --seed 7').text == ""


def test_a_seed_is_picked_if_a_line_of_a_wildcard_file_is_random(workspace: Workspace, words: Path) -> None:
    (words / "mood.txt").write_text("{~happy|sad}\n")
    plan = workspace.plan("t2i 'a __mood__ __animal__' --dynamic --wildcards words")
    assert plan.text.startswith("t2i --seed ")
    assert axes_of(workspace.plan(plan.text)) == axes_of(plan)


@pytest.mark.parametrize("seeds", ["4x", "1..9999?3", "9..9,4x"])
def test_a_line_recorded_with_random_seeds_draws_the_same_prompts_again(workspace: Workspace, seeds: str) -> None:
    plan = workspace.plan(f't2i "a {{red|blue|green}} {{house|boat|tree}}" --dynamic=9 --seed {seeds}')
    recorded = plan.text or plan.source.text
    assert axes_of(workspace.plan(recorded)) == axes_of(plan)


@pytest.mark.parametrize(
    "sweep",
    [
        "sweep seed=7,8",
        "sweep seed=7,8 steps=2,3 --zip seed,steps",
        'sweep seed=6..8 --where "seed > 6"',
        "sweep steps=2,3 seed=7,8",
    ],
)
def test_prompts_are_drawn_from_the_first_seed_of_a_sweep_stage(workspace: Workspace, sweep: str) -> None:
    template = 't2i "a {red|blue|green} {house|boat|tree}" --dynamic=9'
    drawn = axes_of(workspace.plan(f"{template} --seed 7"))["prompt"]
    assert axes_of(workspace.plan(f"{sweep} | {template}"))["prompt"] == drawn


def test_random_values_of_other_axes_are_drawn_from_the_first_seed_of_an_axis(workspace: Workspace) -> None:
    first, second = (workspace.plan(f"t2i a fox --steps 2..90?5 --seed {seeds}") for seeds in ("7,8", "7"))
    assert first.axes[0].labels == second.axes[0].labels


def test_several_templates_for_one_input_form_one_axis(workspace: Workspace) -> None:
    plan = workspace.plan('t2i --prompt "a {red|blue} boat" --prompt "a tree" --dynamic')
    assert axes_of(plan) == {"prompt": ["a red boat", "a blue boat", "a tree"]}


def test_an_empty_replacement_for_a_word_has_a_label(workspace: Workspace) -> None:
    plan = workspace.plan("t2i a red house --vary red=,blue --seed 1..3 --zip red,seed | grid")
    assert axes_of(plan) == {"red+seed": ["red, seed 1", "without red, seed 2", "blue, seed 3"]}
    plan = workspace.plan('t2i a house --negative "" --negative dark | grid')
    assert axes_of(plan) == {"negative": ["without negative", "dark"]}
    assert plan.nodes[-1].inputs["axes"] == [{"name": "negative", "labels": ["without negative", "dark"]}]


def test_a_varied_word_varies_more_slowly_than_an_axis_after_it(workspace: Workspace) -> None:
    assert [*axes_of(workspace.plan("t2i a red fox --vary red=blue --seed 1,2"))] == ["red", "seed"]
    assert [*axes_of(workspace.plan("t2i a red fox --seed 1,2 --vary red=blue"))] == ["seed", "red"]


def test_the_result_of_another_stage_cannot_be_a_template(workspace: Workspace) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan('list "{a|b}" as p | t2i @p* --dynamic')
    assert str(caught.value) == (
        "error: `--dynamic` expands a text that is written in its stage, but the text is the result of another stage\n"
        '  list "{a|b}" as p | t2i @p* --dynamic\n'
        "                              ^^^^^^^^^\n"
        "  to expand a result, pass it through `dynamic`"
    )


def test_drawing_too_many_prompts_is_refused(workspace: Workspace) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan('t2i "{a|b}" --dynamic=500')
    assert str(caught.value) == (
        "error: `--dynamic=500` draws 500 prompts, but at most 256 are possible\n"
        '  t2i "{a|b}" --dynamic=500\n'
        "              ^^^^^^^^^^^^^\n"
        "  draw fewer, or add --yes or --max-items 500"
    )


COMMAND_ERRORS = (
    (
        'dynamic "a {red|blue" | length',
        (
            "error: character 3: a group has no `}`\n"
            '  dynamic "a {red|blue" | length\n'
            "          ^^^^^^^^^^^^^\n"
            "  add a `}`, or write `\\{`, `\\$` or `\\%` for a symbol that is text"
        ),
    ),
    (
        "dynamic '{10$$a|b|c|d|e|f|g|h|i|j}'",
        (
            "error: the template has 3628800 prompts, but at most 100000 are possible\n"
            "  dynamic '{10$$a|b|c|d|e|f|g|h|i|j}'\n"
            "          ^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "  draw some of them: --random --count 20"
        ),
    ),
    (
        "dynamic 'a __x__' --wildcards nowhere",
        (
            "error: there is no folder `nowhere`\n"
            "  dynamic 'a __x__' --wildcards nowhere\n"
            "                                ^^^^^^^"
        ),
    ),
    (
        "dynamic '{a|b}' --dynamic",
        (
            "error: `--dynamic` expands a prompt, but `dynamic` has none\n"
            "  dynamic '{a|b}' --dynamic\n"
            "                  ^^^^^^^^^"
        ),
    ),
)


@pytest.mark.parametrize(("line", "text"), COMMAND_ERRORS, ids=[case[0] for case in COMMAND_ERRORS])
def test_an_error_in_a_dynamic_command_is_found_before_it_runs(workspace: Workspace, line: str, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    assert str(caught.value) == text


@pytest.mark.usefixtures("words")
def test_wildcards_are_found_in_folders_named_in_the_settings(open_workspace: OpenWorkspace, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('wildcards_dirs = ["words"]\n')
    assert axes_of(open_workspace().plan("t2i 'a __animal__' --dynamic")) == {"prompt": ["a fox", "a hen"]}


def test_an_error_in_a_template_points_at_its_place(workspace: Workspace, words: Path) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan("t2i 'a __anmal__' --dynamic --wildcards words")
    assert str(caught.value) == (
        "error: there is no wildcard named `anmal`\n"
        "  t2i 'a __anmal__' --dynamic --wildcards words\n"
        "         ^^^^^^^^^\n"
        "  did you mean `animal`?"
    )


def test_a_template_with_too_many_prompts_is_refused_before_they_are_made(workspace: Workspace) -> None:
    ten = "{" + "|".join("abcdefghij") + "}"
    with pytest.raises(Refusal, match="has 1000000000 prompts, but at most"):
        workspace.plan(f't2i "{" ".join([ten] * 9)}" --dynamic')


@pytest.mark.parametrize("folder", ["words", "missing"])
def test_a_note_says_that_the_folders_of_wildcards_are_not_used(workspace: Workspace, words: Path, folder: str) -> None:
    note = "`--wildcards` has no effect: the prompt contains no wildcard such as `__animal__`"
    assert workspace.plan(f't2i "a {{red|blue}} fox" --dynamic --wildcards {folder}').notes == (note,)


def test_no_note_is_shown_if_a_wildcard_is_used(workspace: Workspace, words: Path) -> None:
    assert workspace.plan('t2i "a {red|blue} __animal__" --dynamic --wildcards words').notes == ()
    assert workspace.plan('t2i "a {red|blue} fox" --dynamic').notes == ()


@pytest.mark.parametrize(
    ("template", "note"),
    [
        ("a {} fox", "`{}` is an empty alternative; write for example {red|blue}"),
        ("a {3$$red|blue} fox", "`{3$$red|blue}` has only 2 alternatives"),
    ],
)
def test_a_note_says_that_a_group_lacks_alternatives(workspace: Workspace, template: str, note: str) -> None:
    assert workspace.plan(f"t2i '{template}' --dynamic").notes == (note,)
    assert workspace.plan("t2i 'a {2$$ and $$red|blue} fox' --dynamic").notes == ()
