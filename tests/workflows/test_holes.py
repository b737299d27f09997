"""Behaviors 53a and 93a in a workspace: how a list with holes is stored, recorded, shown and resumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from invocations.graph.holes import missing
from invocations.running.origins import Part, origins
from invocations.sessions.session import Session
from invocations.sessions.unroll import unroll
from invocations.storing.exporting import document_of
from invocations.storing.importing import session_of
from tests.damaged import damage
from workflows.charts.build import Material
from workflows.image_line import line_of_image
from workflows.problems import LineFailed
from workflows.workspace import Workspace

ITEMS = "list a.png b.png c.png | iterate --axis f as f | load @f | blur 2 | collect --by f --holes as all"
SHEET = f"{ITEMS} | grid --columns 3 | save sheet.png"


@pytest.fixture
def broken(workspace: Workspace, tmp_path: Path) -> Workspace:
    """Run a line that makes a sheet of three images, the second of which cannot be read."""
    draw(tmp_path)
    damage(tmp_path / "b.png")
    with pytest.raises(LineFailed) as caught:
        workspace.run(SHEET)
    assert [problem.partial for problem in caught.value.problems] == [True]
    return workspace


def draw(folder: Path) -> None:
    for name in "abc":
        Image.linear_gradient("L").resize((8, 8)).convert("RGB").rotate(ord(name)).save(folder / f"{name}.png")


def test_053a_a_position_in_a_list_with_holes_resolves_to_the_origin_of_the_item_there(broken: Workspace) -> None:
    session = broken.session
    assert [value is None for value in session.values("5", "collection")[0]] == [False, True, False]
    assert origins(session, ("5", ()), "collection", (2,)) == [Part(("4", (2,)), "image")]
    assert origins(session, ("5", ()), "collection", (1,)) == []
    assert len(origins(session, ("5", ()), "collection")) == 2


def test_053a_a_chart_shows_how_many_items_are_missing(broken: Workspace) -> None:
    material = Material(lambda kind: broken.catalog[kind].role)
    material.add_session(broken.session)
    statuses = {box.key: box.status.partition(", 0")[0] for box in material.chart().boxes}
    assert statuses["5"] == "done, 1 item missing"
    assert "missing" not in statuses["6"]


def test_053a_running_the_line_of_a_sheet_with_a_hole_draws_the_whole_sheet(broken: Workspace, tmp_path: Path) -> None:
    line = line_of_image(broken, "sheet.png").line
    assert "collect --by f --holes" in line
    draw(tmp_path)
    (result,) = broken.run(line.replace("sheet.png", "again.png"))
    assert Image.open(result.path).tobytes() != Image.open(tmp_path / "sheet.png").tobytes()


def test_053a_a_list_with_a_hole_is_unrolled_without_the_missing_item(broken: Workspace) -> None:
    unrolled = unroll(broken.session, ("6", ()), broken.catalog)
    session = Session("s", 0.0, broken.catalog.spec)
    for entry in (*unrolled.lines, *unrolled.entries("s", 1)):
        session.apply(entry)
    assert session.values(unrolled.end, "image") == broken.session.values("6", "image")
    assert sum(node.type == "blur" for node in session.graph.nodes.values()) == 2


def test_053a_an_exported_session_keeps_its_holes(broken: Workspace) -> None:
    document = json.loads(json.dumps(document_of(broken.session)))
    session = session_of(document, broken.catalog.spec, "other")
    session.expansion.advance()
    assert session.values("5", "collection") == broken.session.values("5", "collection")
    assert missing(session.graph, session.expansion, ("5", ())) == 1
    assert list(session.errors) == [("3", (1,))]


def test_139_a_missing_image_has_no_path_in_json(broken: Workspace) -> None:
    (result,) = broken.results_of(broken.session, [("5", "collection")])
    assert [path is None for path in result.to_json()["paths"]] == [False, True, False]


@pytest.mark.parametrize(
    ("line", "end", "added"),
    [
        ("load 'in/*.png' | blur 2 | collect --holes", ("3.save", "image"), 1),
        ("load 'in/*.png' | collect --holes", ("2", "collection"), 0),
        ("range 1 4 | add 1 | collect --holes", ("3", "collection"), 0),
    ],
)
def test_images_that_may_be_missing_are_saved_before_they_are_collected(
    workspace: Workspace, cat: Path, line: str, end: tuple[str, str], added: int
) -> None:
    (cat.parent / "in").mkdir()
    cat.rename(cat.parent / "in" / "cat.png")
    additions = workspace.additions(workspace.plan(line))
    assert (additions.results, len(additions.nodes)) == ((end,), added)


def test_a_drawing_shows_how_many_items_of_a_stage_failed(workspace: Workspace, tmp_path: Path) -> None:
    draw(tmp_path)
    damage(tmp_path / "b.png")
    with pytest.raises(LineFailed):
        workspace.run("blur a.png b.png c.png 2 | grid")
    material = Material(lambda kind: workspace.catalog[kind].role)
    material.add_session(workspace.session)
    assert material.chart().boxes[0].status.startswith("2 done, 1 failed")


def test_the_error_for_a_failed_item_names_the_item(workspace: Workspace, tmp_path: Path) -> None:
    draw(tmp_path)
    damage(tmp_path / "b.png")
    with pytest.raises(LineFailed, match=r"^blur \(1\) for b.png, radius 2: `b.png` cannot be read") as caught:
        workspace.run("blur a.png b.png c.png 2,2 | length")
    assert [problem.partial for problem in caught.value.problems] == [True, True]


def test_a_sweep_that_turns_out_too_large_is_refused(workspace: Workspace) -> None:
    with pytest.raises(LineFailed, match=r"^the sweep has 300 items$") as caught:
        workspace.run("range 1 101 | add 1,2,3 | length")
    assert (caught.value.code, caught.value.problems[0].refused) == ("sweep_too_large", True)
