"""What differs between the lines of two images is listed input by input."""

from __future__ import annotations

from tests.workflows.conftest import OpenWorkspace
from workflows.image_differences import InputDifference, differences_of_images


def ends(workspace, *lines):
    """Run lines and return the session and the last node of each."""
    for line in lines:
        workspace.run(line)
    session = workspace.session
    return [(session, stage.nodes[-1]) for stage in session.stages if stage.command == "mul"]


def test_inputs_with_different_values_are_listed(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    first, second = ends(workspace, "add 1 2 | mul 4", "add 1 3 | mul 5")
    assert differences_of_images(first, second, workspace.catalog) == (
        InputDifference("add", 1, "b", 2, 3), InputDifference("mul", 1, "b", 4, 5),
    )  # fmt: skip
    assert differences_of_images(first, first, workspace.catalog) == ()


def test_nodes_that_only_one_image_depends_on_are_listed(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    first, second = ends(workspace, "add 1 2 | sub 1 | mul 4", "add 1 2 | add 7 | mul 4")
    assert differences_of_images(first, second, workspace.catalog) == (
        InputDifference("add", 2, "", False, True), InputDifference("sub", 1, "", True, False),
    )  # fmt: skip


def test_a_later_line_depends_on_nodes_of_earlier_lines(open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    first, second = ends(workspace, "add 1 2 as one", "mul @one 4", "add 1 9 as two", "mul @two 4")
    (found,) = differences_of_images(first, second, workspace.catalog)
    assert (found.node, found.input, found.first, found.second) == ("add", "b", 2, 9)
