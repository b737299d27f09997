"""Several results in one file, and sheets that are too large: messages name images or sheets, and hints work."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from workflows.workspace import Workspace

SAME = {
    "t2i a --seed 1..4 | save a.png": "each image of the sweep would be saved as `a.png`",
    "t2i a --seed 1..4 --steps 1,2 --guidance 1,2 | grid | save a.png": (
        "each sheet of the sweep would be saved as `a.png`"
    ),
    "range 1 4 | iterate as n | t2i a --seed @n | save a.png": "each image of the loop would be saved as `a.png`",
}


@pytest.mark.parametrize(("line", "message"), SAME.items(), ids=SAME)
def test_the_error_for_files_with_one_name_states_what_they_are(workspace: Workspace, line: str, message: str) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    (error,) = caught.value.errors
    assert (error.message, error.hint) == (message, "write a template, such as `a-{index}.png`")
    assert workspace.plan(line.replace("a.png", "a-{index}.png")).nodes


def test_the_warning_about_an_overwritten_file_states_what_overwrites_it(workspace: Workspace) -> None:
    plan = workspace.plan("t2i a --seed 1,2 --steps 1,2 --guidance 1,2 | grid | save a.png --overwrite")
    assert list(workspace.warnings(plan)) == ["each sheet of the sweep overwrites `a.png`: only the last one remains"]


@pytest.mark.parametrize(("last", "cell"), [(5000, 128), (12000, 64)])
def test_the_hint_for_a_sheet_that_is_too_large_states_a_cell_size_that_fits(
    workspace: Workspace, last: int, cell: int
) -> None:
    line = f"t2i a --width 512 --height 512 --seed 1..{last} | grid"
    with pytest.raises(Refusal) as caught:
        workspace.plan(line, most_items=last)
    (error,) = caught.value.errors
    assert error.hint == f"make the images smaller: `--cell {cell}`, or `resize` before the grid"
    assert workspace.plan(f"{line} --cell {cell}", most_items=last).nodes
