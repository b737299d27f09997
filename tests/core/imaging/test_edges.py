"""Labels at the edges of a sheet, crossed cells and empty cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image

from core.imaging.edges import Edges
from core.imaging.errors import BadImageInput
from core.imaging.fonts import font_of, size_for
from core.imaging.grid import EMPTY, contact_sheet, room_for
from core.imaging.labels import line_height
from core.imaging.sheet import Content

COLORS = ["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#ff00ff", "#00ffff"]
TILES: list[Content] = [Image.new("RGB", (60, 40), color) for color in COLORS]
Box = tuple[int, int, int, int]


def found(sheet: Image.Image, color: str) -> Box:
    """Return the left, top, right and bottom edge of the pixels with a color."""
    wanted = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    rows, columns = np.nonzero((np.asarray(sheet) == wanted).all(-1))
    return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


def boxes(sheet: Image.Image) -> list[Box]:
    return [found(sheet, color) for color in COLORS]


def has_text(sheet: Image.Image, box: Sequence[int]) -> bool:
    """Return True if a part of a white sheet contains dark pixels."""
    left, top, right, bottom = box
    return bool(np.asarray(sheet.convert("L"))[top:bottom, left:right].min() < 128)


def test_row_and_column_labels_move_the_cells_and_stand_beside_and_above_them() -> None:
    plain = boxes(contact_sheet(TILES, columns=3))
    sheet = contact_sheet(TILES, columns=3, edges=Edges(rows=["a", "b"], columns=["c", "d", "e"]))
    left, top = (found(sheet, COLORS[0])[at] - plain[0][at] for at in (0, 1))
    assert left > 0
    assert top > 0
    assert boxes(sheet) == [(a + left, b + top, c + left, d + top) for a, b, c, d in plain]
    assert sheet.size == (3 * 64 + 4 + left, 2 * 44 + 4 + top)
    for box in boxes(sheet)[:3]:
        assert has_text(sheet, (box[0], 0, box[2], box[1]))
    for box in boxes(sheet)[::3]:
        assert has_text(sheet, (0, box[1], box[0], box[3]))
    assert not has_text(sheet, (0, 0, left, top))  # the corner is empty


@pytest.mark.parametrize("edges", [Edges(), Edges(rows=["", ""], columns=["", "", ""])])
def test_empty_labels_take_no_space(edges: Edges) -> None:
    assert contact_sheet(TILES, columns=3, edges=edges).tobytes() == contact_sheet(TILES, columns=3).tobytes()


def test_only_the_edge_with_labels_takes_space() -> None:
    below = contact_sheet(TILES, columns=3, edges=Edges(columns=["c", "d", "e"]))
    right = contact_sheet(TILES, columns=3, edges=Edges(rows=["a", "b"]))
    assert (below.width, right.height) == (3 * 64 + 4, 2 * 44 + 4)
    assert below.height > right.height
    assert right.width > below.width


def test_a_title_stands_above_the_column_labels() -> None:
    edges = Edges(columns=["c", "d", "e"])
    without = contact_sheet(TILES, columns=3, edges=edges)
    titled = contact_sheet(TILES, columns=3, edges=Edges("seed 7", columns=edges.columns))
    added = titled.height - without.height
    assert added >= line_height(font_of(size_for(60))) > 0
    assert has_text(titled, (0, 0, titled.width, added))
    below = titled.crop((0, added + 4, *titled.size))
    assert below.tobytes() == without.crop((0, 4, *without.size)).tobytes()


def test_a_long_column_label_is_broken_into_lines_and_stays_within_its_column() -> None:
    label = "a long description of a column that does not fit"
    sheet = contact_sheet(TILES, columns=3, gap=8, edges=Edges(columns=["c", label, "e"]))
    _, top, right, _ = found(sheet, COLORS[0])
    left = found(sheet, COLORS[2])[0]
    assert not has_text(sheet, (right, 0, right + 8, top))
    assert not has_text(sheet, (left - 8, 0, left, top))
    assert top == 8 + 3 * line_height(font_of(size_for(60)))


def test_a_long_row_label_is_broken_into_as_many_lines_as_the_cell_has_room_for() -> None:
    label = "a long description of a row " * 9
    sheet = contact_sheet(TILES, columns=3, edges=Edges(rows=[label, ""]))
    left, _, _, bottom = found(sheet, COLORS[0])
    assert left < 4 + 10 * line_height(font_of(size_for(60)))
    assert not has_text(sheet, (0, bottom + 2, left, sheet.height))


def test_a_word_in_place_of_an_image_is_written_in_a_crossed_cell() -> None:
    tiles = [*TILES[:4], "failed", TILES[5]]
    sheet, plain = contact_sheet(tiles, columns=3, gap=4), contact_sheet(TILES, columns=3, gap=4)
    left, top, right, bottom = found(plain, COLORS[4])
    crossed = np.asarray(sheet.convert("L"))[top:bottom, left:right]
    corners = crossed[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert len(set(corners.tolist())) == 1
    assert 0 < corners[0] < crossed[5, 20] < 255  # the lines are darker than the cell, the cell than the sheet
    assert crossed.min() < 100  # the word is darker than the lines
    outside = np.ones((sheet.height, sheet.width), bool)
    outside[top:bottom, left:right] = False
    assert np.array_equal(np.asarray(sheet)[outside], np.asarray(plain)[outside])


@pytest.mark.parametrize(("color", "mode"), [("black", "RGB"), ("transparent", "RGBA")])
def test_a_crossed_cell_is_visible_on_any_background(color: str, mode: str) -> None:
    sheet = contact_sheet([TILES[0], "failed"], columns=2, color=color)
    assert sheet.mode == mode
    cell = np.asarray(sheet.convert("RGBA"))[4:44, 68:128]
    assert (cell[..., 3] == 255).all()
    assert len(np.unique(cell[..., 0])) >= 3


@pytest.mark.parametrize("side", [1, 2, 16])
def test_a_crossed_cell_too_small_for_its_word_shows_only_the_cross(side: int) -> None:
    sheet = contact_sheet([Image.new("RGB", (side, side), "red"), "failed"], columns=2, gap=2)
    assert sheet.size == (2 * (side + 2) + 2, side + 4)
    assert len({color for _, color in sheet.crop((side + 4, 2, sheet.width - 2, side + 2)).getcolors() or ()}) <= 2


def test_an_empty_cell_shows_the_background() -> None:
    sheet = contact_sheet([TILES[0], None, TILES[1]], columns=3, color="teal", edges=Edges(columns=["a", "b", "c"]))
    top, right, bottom = found(sheet, COLORS[0])[1:]
    assert {color for _, color in sheet.crop((right, top, right + 68, bottom)).getcolors() or ()} == {(0, 128, 128)}


def test_a_sheet_without_images_has_cells_of_the_requested_size() -> None:
    assert contact_sheet(["failed"] * 4, columns=2, gap=0, cell=64).size == (128, 128)
    assert contact_sheet(["failed"], gap=0).size == (256, 256)


def test_all_sheets_can_have_cells_of_one_size() -> None:
    sizes = [(60, 40), (20, 90), EMPTY]
    assert (room_for(sizes, None), room_for(sizes, 30), room_for([EMPTY], 30)) == ((60, 90), (30, 30), (30, 30))
    assert contact_sheet([TILES[0]], room=(60, 90), gap=0).size == (60, 90)
    assert found(contact_sheet([TILES[0]], room=(60, 90), gap=0), COLORS[0]) == (0, 25, 60, 65)


def test_labels_count_toward_the_size_limit_of_a_sheet() -> None:
    unread = (pytest.fail("read") for _ in range(1))
    with pytest.raises(BadImageInput, match="the sheet would be 16384x164"):
        contact_sheet(unread, sizes=[(16384, 16384)], gap=0, edges=Edges(columns=["a"]))
