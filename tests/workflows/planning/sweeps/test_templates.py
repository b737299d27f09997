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


@pytest.mark.usefixtures("words")
def test_wildcards_are_found_in_the_folders_of_the_settings(open_workspace: OpenWorkspace, tmp_path: Path) -> None:
    (tmp_path / "invokeai.toml").write_text('wildcards_dirs = ["words"]\n')
    assert axes_of(open_workspace().plan("t2i 'a __animal__' --dynamic")) == {"prompt": ["a fox", "a hen"]}


def test_an_error_of_a_template_points_at_its_place(workspace: Workspace, words: Path) -> None:
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
