"""The number of images that a line will save, including those in loops, is computed before the line runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflows.charts.amount import Amount
from workflows.estimate import images_of
from workflows.workspace import Workspace


def images(workspace: Workspace, line: str) -> str:
    plan = workspace.plan(line)
    return images_of(plan, workspace.additions(plan), workspace.catalog).counted("image")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("range 1 9 | iterate", "8 images"),
        ("range 9 1 -3 | iterate", "3 images"),
        ("range 3 3 | iterate", "0 images"),
        ("linspace 0 1 5 | iterate", "5 images"),
        ("list 3 1 2 | sort | slice 1 | iterate", "2 images"),
        ("list 1 2 3 | zip 4,5,6 | pick 0 | iterate", "2 images"),
        ("range 0 4 | slice 0 4 2 | iterate", "2 images"),
        ("list 1 2 | iterate as k | linspace 0 @k 4 | iterate", "8 images"),
        ("list 1 2 | iterate as k | range 0 @k | iterate", "n x 2 images"),
        ("list 1 2 | iterate | add 1 | collect | iterate", "2 images"),
        ("random 1 9 as r | range 0 @r | iterate", "n images"),
    ],
)
def test_the_images_of_a_loop_are_counted_if_the_length_of_its_list_is_known(
    workspace: Workspace, cat: Path, source: str, text: str
) -> None:
    assert images(workspace, f"{source} as n | rotate @n --image cat.png | save '{{index}}.png'") == text


def test_an_image_is_counted_for_each_file_that_matches_a_pattern(workspace: Workspace, cat: Path) -> None:
    line = f"load '{cat.parent}/*.png' | blur 2 | save '{{index}}.png'"
    assert images(workspace, line) == "1 image"
    (cat.parent / "dog.png").write_bytes(cat.read_bytes())
    assert images(workspace, line) == "2 images"


def test_the_items_of_a_loop_in_an_earlier_line_are_counted(workspace: Workspace, cat: Path) -> None:
    workspace.submit(workspace.plan("range 1 4 | iterate as n")).finish()
    workspace.submit(workspace.plan("range 0 5 as five")).finish()
    assert images(workspace, "rotate @n --image cat.png | save '{index}.png'") == "3 images"
    assert images(workspace, "iterate @five as k | rotate @k --image cat.png | save '{index}.png'") == "5 images"


def test_a_partly_unknown_number_of_images_is_written_as_a_sum() -> None:
    found = Amount(3) + Amount(0, (4,)) + Amount(2) + Amount(0, (1,))
    assert (str(found), found.number) == ("5 + n x 4 + n", None)
    assert [Amount(each).counted("image") for each in (0, 1, 2)] == ["0 images", "1 image", "2 images"]
