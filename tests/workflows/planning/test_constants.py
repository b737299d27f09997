"""Constants are evaluated before a line runs: linked values, the lengths of lists and the sizes of grids."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from invocations.language.errors import Refusal
from workflows.scripts.plan import plan_script
from workflows.scripts.source import from_text
from workflows.workspace import Workspace


@pytest.fixture
def here(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Return a workspace in a folder with three images of 2000x1000 and one of 900x30000."""
    for number, size in enumerate(((2000, 1000), (2000, 1000), (2000, 1000), (900, 30000))):
        Image.new("L", size).save(tmp_path / f"{number}.png")
    return workspace


REFUSALS = (
    (
        'list ddim foo | iterate as s | t2i --prompt "a fox" --scheduler @s',
        'error: there is no scheduler `foo`\n  list ddim foo | iterate as s | t2i --prompt "a fox" --scheduler @s\n'
        + " " * 66
        + "^^\n  known: ",
    ),
    (
        "list ddim foo as s | pick 1 as p | t2i --prompt x --scheduler @p",
        "error: there is no scheduler `foo`\n",
    ),
    (
        'list euler_b | iterate as s | t2i --prompt "a fox" --scheduler @s',
        "error: there is no scheduler `euler_b`\n",
    ),
    (
        "range 0 4 | iterate as n | t2i --prompt x --steps @n --seed 1",
        "error: `steps` must be 1 to 1000, not 0\n",
    ),
    (
        "product 1,2 64,100 | iterate as p | pick 1 as w | t2i --prompt x --width @w",
        "error: `width` must be a multiple of 8, not 100\n",
    ),
    (
        "load '?.png' | grid --cell 2000 --columns 1 --labels a,b,c",
        "error: there are 3 labels for 4 images\n  load '?.png' | grid --cell 2000 --columns 1 --labels a,b,c\n"
        + " " * 55
        + "^^^^^\n  write a label for each image",
    ),
    (
        "grid 0.png 1.png --rows seed",
        "error: there is no axis `seed`: the images do not come from a sweep\n  grid 0.png 1.png --rows seed\n"
        + " " * 26
        + "^^^^\n  see `help sweeps`",
    ),
    (
        "grid 0.png 1.png --columns 1001",
        "error: `columns` must be 1 to 1000, not 1001\n",
    ),
    (
        "grid 0.png 1.png --labels a",
        "error: there is 1 label for 2 images\n",
    ),
    (
        "range 0 3 | iterate as n | t2i --prompt x --seed @n | collect | grid --labels a,b",
        "error: there are 2 labels for 3 images\n",
    ),
    (
        "list a b as l | range 0 3 | iterate as n | t2i --prompt x --seed @n | collect | grid --labels @l",
        "error: there are 2 labels for 3 images\n",
    ),
    (
        "range 0 360 | iterate as n | load 0.png | hue @n | collect | grid",
        "error: the sheet would be 38080x19080; the limit is 268 megapixels\n",
    ),
    (
        "load '?.png' | grid --columns 4 --gap 1000",
        "error: the sheet would be 13000x32000; the limit is 268 megapixels\n",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_a_line_whose_constants_are_certain_to_cause_an_error_is_refused_before_it_runs(
    here: Workspace, line: str, text: str
) -> None:
    with pytest.raises(Refusal) as caught:
        here.plan(line)
    assert str(caught.value).startswith(text)
    assert len(caught.value.errors) == 1


@pytest.mark.parametrize(
    "line",
    [
        'list ddim euler_a | iterate as s | t2i --prompt "a fox" --scheduler @s',
        "list ddim foo as s | pick 0 as p | t2i --prompt x --scheduler @p",
        "range 1 4 | iterate as n | t2i --prompt x --steps @n",
        "range 5 5 | iterate as n | t2i --prompt x --steps @n",
        "load '?.png' | grid --labels a,b,c,d",
        "range 0 4 as n | load '?.png' | grid --labels @n",
        "linspace 0 1 4 as n | load '?.png' | grid --labels @n",
        "load '?.png' | grid --columns 4 --cell 512",
        "range 0 360 | iterate as n | load 0.png | hue @n | collect | grid --cell 64",
        "split a,b --separator , | iterate as s | t2i --prompt x --scheduler @s",
        "random 0 5 | t2i --prompt x --steps @1",
    ],
)
def test_a_line_that_could_succeed_is_not_refused(here: Workspace, line: str) -> None:
    assert here.plan(line).nodes


def test_constants_from_earlier_lines_are_known(here: Workspace) -> None:
    text = "list ddim foo as all\niterate @all as s\nt2i a fox --scheduler @s\ngrid 0.png 1.png 2.png --labels @all\n"
    script = plan_script(here, from_text(text, "a.inv"), "a.inv")
    assert [error.message for error in script.errors] == [
        "there is no scheduler `foo`",
        "there are 2 labels for 3 images",
    ]


def test_results_stored_in_the_session_are_known(here: Workspace) -> None:
    here.run("list a b as two")
    here.run("load 0.png 1.png 2.png as images")
    with pytest.raises(Refusal, match="there are 2 labels for 3 images"):
        here.plan("grid --images @images --labels @two")
