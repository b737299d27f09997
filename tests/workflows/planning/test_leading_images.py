"""Image paths as the first words of a line, for every command whose main input is an image or a list of images."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from invocations.language.errors import Refusal, draw
from workflows.planning.plan import Plan
from workflows.synonyms.table import note_on
from workflows.workspace import Workspace

CASES: list[tuple[str, list[str], dict[str, Any]]] = [
    ("show x.png", ["load x.png", "show"], {}),
    ("blur x.png 4", ["load x.png", "blur"], {"radius": 4.0}),
    ("scale x.png 2", ["load x.png", "scale"], {"factor": 2.0}),
    ("upscale x.png 2", ["load x.png", "upscale"], {"scale": 2.0}),
    ("blur --radius 4 x.png", ["load x.png", "blur"], {"radius": 4.0}),
    ("blur - 4", ["load -", "blur"], {"radius": 4.0}),
    ("blur photo 4", ["load photo", "blur"], {"radius": 4.0}),
    ("blur ./other 4", ["load ./other", "blur"], {"radius": 4.0}),
    ("mask-grow X.PNG 8", ["load X.PNG", "mask-grow"], {"pixels": 8}),
    ("blend a.png b.png screen", ["load a.png", "load b.png", "blend"], {"mode": "screen"}),
    ("compare a.png b.png", ["load a.png", "load b.png", "compare"], {}),
    ("upscale 'in/*.png' 2", ["load in/*.png", "iterate", "upscale"], {"scale": 2.0}),
    (
        "blur a.png 'b, c.png' 4",
        ["load a.png", "load b, c.png", "collect", "collect", "iterate", "blur"],
        {"radius": 4.0},
    ),
    ("grid a.png --columns 1 b.png", ["load a.png", "load b.png", "collect", "collect", "grid"], {"columns": 1}),
    ("grid *.png", ["load *.png", "grid"], {}),
    ("grid in/*.png x.png", ["load in/*.png", "load x.png", "iterate", "collect", "collect", "grid"], {}),
    ("load a.png b.png | grid", ["load a.png", "load b.png", "collect", "collect", "grid"], {}),
    ("load a.png b.png | blur 4", ["load a.png", "load b.png", "collect", "collect", "iterate", "blur"], {}),
    ("load '*.png' | blur 4", ["load *.png", "iterate", "blur"], {"radius": 4.0}),
]
REFUSALS = [
    (
        "blur 4",
        """\
error: `blur` needs an image as its first argument
  blur 4
       ^
  write blur PATH [RADIUS], or ... | blur [RADIUS]""",
    ),
    (
        "i2i a blue house",
        """\
error: `i2i` needs an image as its first argument
  i2i a blue house
      ^
  write i2i PATH PROMPT, or ... | i2i PROMPT""",
    ),
    (
        "upscale house 2",
        """\
error: `upscale` needs an image as its first argument
  upscale house 2
          ^^^^^
  write upscale PATH [SCALE] [METHOD], or ... | upscale [SCALE] [METHOD]""",
    ),
    (
        "grid 4",
        """\
error: `grid` needs images as its arguments
  grid 4
       ^
  write grid PATH..., or ... | grid""",
    ),
    (
        "compare a.png b.png c.png",
        """\
error: `compare` has no input for `c.png`
  compare a.png b.png c.png
                      ^^^^^
  it takes one positional argument: OTHER""",
    ),
    (
        "save n.png",
        """\
error: `save` needs `image` (image to save)
  save n.png
  ^^^^
  write --image IMAGE, or pass a reference such as @1, or pipe an image into it""",
    ),
]


def nodes(plan: Plan) -> list[str]:
    """Return the types of the nodes, `load` nodes first and with the file that each one loads."""
    shown = [f"load {node.inputs['source']}" if node.type == "load" else node.type for node in plan.nodes]
    return sorted(shown, key=lambda text: not text.startswith("load "))


@pytest.fixture(autouse=True)
def files(workspace: Workspace, tmp_path: Path) -> None:
    """Create the image files that the lines name, some without a suffix."""
    (tmp_path / "in").mkdir()
    for name in ("photo", "other", "x.png", "X.PNG", "a.png", "b.png", "c.png", "b, c.png", "in/1.png", "in/2.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name, "PNG")


@pytest.mark.parametrize(("line", "made", "values"), CASES, ids=[case[0] for case in CASES])
def test_paths_at_the_start_of_a_line_are_read_as_images(
    workspace: Workspace, line: str, made: list[str], values: dict[str, Any]
) -> None:
    plan = workspace.plan(line)
    assert nodes(plan) == made
    assert {name: plan.nodes[-1].inputs[name] for name in values} == values


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_the_error_states_which_arguments_the_command_needs(workspace: Workspace, line: str, text: str) -> None:
    with pytest.raises(Refusal) as refused:
        workspace.plan(line)
    assert "\n".join(draw(error, refused.value.source) for error in refused.value.errors) == text


def test_with_a_piped_image_the_first_word_is_not_read_as_a_path(workspace: Workspace) -> None:
    plan = workspace.plan("load x.png | i2i nosuch.png a blue house")
    assert next(node.inputs["text"] for node in plan.nodes if node.type == "prompt") == "nosuch.png a blue house"
    assert plan.notes == ("`nosuch.png` was taken as text, not as an image",)


def test_a_command_with_a_prompt_runs_once_for_each_path(workspace: Workspace) -> None:
    plan = workspace.plan("i2i a.png b.png a dog")
    assert [node.inputs["source"] for node in plan.nodes if node.type == "load"] == ["a.png", "b.png"]
    assert [node.inputs["text"] for node in plan.nodes if node.type == "prompt"] == ["a dog"]
    assert [link.reason for link in plan.links if link.edge.target.endswith("iterate")] == ["each"]


def test_if_the_image_input_has_a_default_the_words_fill_the_other_inputs(workspace: Workspace) -> None:
    workspace.set("blur.image", "x.png")
    assert workspace.plan("blur 4").nodes[-1].inputs["radius"] == 4.0


def test_loaded_files_are_not_saved_again(workspace: Workspace) -> None:
    for line in ("load a.png b.png", "load '*.png' x.png | show"):
        assert workspace.plan(line).additions.nodes == ()
    assert [node.type for node in workspace.plan("load a.png b.png | blur 1").additions.nodes] == ["save"]


def test_a_reference_to_an_image_can_be_the_first_word(cook: Any, links: Any) -> None:
    cook("load cat.png as cat")
    made = cook("upscale @cat 4")
    assert (links(made), made.nodes[-1].inputs) == (["1.image -> 2.image written"], {"scale": 4.0})


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("t2i a cat.png on a wall", "`cat.png` was taken as text, not as an image"),
        ("t2i a.png and B.JPG", "`a.png`, `B.JPG` were taken as text, not as images"),
        (
            "t2i a house \u2013\u2013steps 2",
            "`\u2013\u2013steps` was taken as text: an option begins with two hyphens, `--steps`",
        ),
        (
            "t2i a house \u2014steps=2",
            "`\u2014steps=2` was taken as text: an option begins with two hyphens, `--steps=2`",
        ),
        (
            "t2i a fox -n4",
            f"`4` was read as the negative prompt (`-n`); {note_on('batch')}",
        ),
    ],
)
def test_a_note_names_words_that_look_like_paths_or_options(workspace: Workspace, line: str, note: str) -> None:
    assert workspace.plan(line).notes == (note,)


@pytest.mark.parametrize("line", ["t2i 'a cat.png'", "t2i a house \u2013 by the sea", "t2i a fox -n blur4"])
def test_ordinary_words_cause_no_note(workspace: Workspace, line: str) -> None:
    assert workspace.plan(line).notes == ()
