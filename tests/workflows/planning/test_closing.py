"""`collect --by`: axes are checked while a line is planned, and the loops that remain are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import Refusal
from invocations.sessions.session import Session
from invocations.sessions.unroll import unroll
from workflows.charts.build import Material
from workflows.estimate import images_of
from workflows.image_line import line_of_image
from workflows.scripts.plan import plan_script
from workflows.scripts.source import from_text
from workflows.workspace import Workspace

SHEET = "range 10 30 --step 10 | iterate --axis tens as t\nrange 1 3 | iterate --axis ones | add @t as s\n"


def refusal(workspace: Workspace, line: str) -> str:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "message", "hint"),
    [
        (
            "range 1 3 | iterate --axis ones | add 1 | collect --by one",
            "there is no axis `one` to close: the items have only `ones`",
            "did you mean `ones`?",
        ),
        (
            "range 1 3 | iterate | add 1 | collect --by ones",
            "there is no axis `ones` to close: the items have no axis with a name",
            None,
        ),
        (
            "add 1 2 | collect --by ones",
            "there is no axis `ones` to close: the items have no axis with a name",
            None,
        ),
        (
            "range 1 3 | iterate --axis x | range 0 --stop @2 | iterate --axis y | collect --by x",
            "`x` cannot be closed alone: the axis `y` depends on its items",
            "close `y` as well",
        ),
        (
            "range 1 3 | iterate --axis x | range 0 --stop @2 | iterate | collect --by x",
            "`x` cannot be closed alone: a loop without a name depends on its items",
            "close that loop with `collect` first",
        ),
    ],
)
def test_052_an_axis_that_cannot_be_closed_is_refused_while_the_line_is_planned(
    workspace: Workspace, line: str, message: str, hint: str | None
) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    (error,) = caught.value.errors
    assert (error.message, error.hint) == (message, hint)
    assert line[error.span.start : error.span.end] == line.rpartition("--by ")[2]


def test_052_axes_of_earlier_lines_are_known_in_a_script(workspace: Workspace) -> None:
    text = SHEET + "collect @s --by tens as c\ncollect @s --by twos\ncollect @c --by ones,tens\n"
    text = text.replace("collect @", "collect --item @")
    errors = plan_script(workspace, from_text(text, "a.inv"), "a.inv").errors
    assert [error.message for error in errors] == [
        "there is no axis `twos` to close: the items have only `tens` and `ones`",
        "there is no axis `tens` to close: the items have only `ones`",
    ]


def test_052_axes_of_earlier_lines_are_known_in_a_session(workspace: Workspace) -> None:
    for line in SHEET.splitlines():
        workspace.run(line)
    assert [each.value for each in workspace.run("collect --item @s --by tens")] == [[11, 21], [12, 22]]
    assert [each.value for each in workspace.run("collect --item @s --by ones,tens")] == [[11, 12, 21, 22]]
    assert "only `tens` and `ones`" in refusal(workspace, "collect --item @s --by twos")


def test_the_number_of_items_along_the_named_axes_is_known(workspace: Workspace, cat: Path) -> None:
    line = (
        "range 1 4 | iterate --axis a as a | range 1 3 | iterate --axis b as b"
        " | load cat.png | hue @b | brightness @a | collect --by {} | grid --labels {} | save '{{index}}.png'"
    )
    for by, count in (("a", 3), ("b", 2), ("a,b", 6)):
        assert workspace.plan(line.format(by, ",".join("x" * count))).nodes
        assert refusal(workspace, line.format(by, "x,x,x,x,x")).startswith(
            f"error: there are 5 labels for {count} images"
        )
    plan = workspace.plan(line.format("a", "x,x,x"))
    assert str(images_of(plan, plan.additions, workspace.catalog)) == "2"


def test_a_chart_shows_the_loops_that_remain_around_each_stage(workspace: Workspace) -> None:
    for line in SHEET.splitlines():
        workspace.run(line)
    workspace.run("collect --item @s --by tens | length")
    material = Material(lambda kind: workspace.catalog[kind].role)
    material.add_session(workspace.session)
    around = {box.key: box.each for box in material.chart().boxes}
    assert (around["5"], around["6"], around["7"]) == (("2", "4"), ("4",), ("4",))


def test_133_an_image_from_one_item_of_a_named_axis_can_be_recreated(workspace: Workspace, cat: Path) -> None:
    text = (
        "range 1 3 | iterate --axis a as a | range 1 4 | iterate --axis b as b | load cat.png | hue @b"
        " | brightness @a | collect --by b | grid | save '{index}.png'"
    )
    made = [each.value.name for each in workspace.run(text)]
    line = line_of_image(workspace, "2.png").line
    assert line.startswith(
        "range 1 4 | iterate --axis b as iterate | load cat.png | hue --degrees @iterate"
        ' | brightness 2 | collect --by b | grid --title "a 2" | save'
    )
    assert [each.value.name for each in workspace.run(line)] == made[1:]


def test_140_one_list_along_a_named_axis_is_unrolled_to_a_graph_without_loops(workspace: Workspace) -> None:
    for line in (*SHEET.splitlines(), "collect --item @s --by tens"):
        workspace.run(line)
    unrolled = unroll(workspace.session, ("6", (1,)), workspace.catalog)
    session = Session("s", 0.0, workspace.catalog.spec)
    for entry in (*unrolled.lines, *unrolled.entries("s", 1)):
        session.apply(entry)
    assert session.values(unrolled.end, "collection") == [[12, 22]]
    assert [node.inputs for node in session.graph.nodes.values() if node.type == "collect"] == [{}, {}]
    assert dict(session.graph.axes) == {}
