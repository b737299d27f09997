"""The `grid` node: sheets of plain lists, and of sweeps with holes, empty cells and several sheets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from core.imaging.edges import Edges
from core.imaging.grid import contact_sheet
from invocations.errors import BadValue
from invocations.invocation import ImageRef
from invocations.nodes.grid import Grid

COLORS = ["red", "lime", "blue", "yellow", "fuchsia", "aqua", "navy", "gray"]
SIDE = 48
SEED = {"name": "seed", "labels": ["1", "2"]}
STEPS = {"name": "steps", "labels": ["10", "20"]}
SCHEDULER = {"name": "scheduler", "labels": ["euler", "ddim"]}


def tile(color: str) -> Image.Image:
    return Image.new("RGB", (SIDE, SIDE), color)


@pytest.fixture
def tiles(context: Any) -> list[ImageRef]:
    """Return eight images of different colors."""
    return [context.images.put(tile(color)) for color in COLORS]


def sheets(context: Any, images: Sequence[ImageRef | None], **inputs: Any) -> list[Image.Image]:
    """Return the sheets that the node draws; the first one must also be its output `image`."""
    made = Grid(images=list(images), **inputs).invoke(context)
    assert made.image == made.sheets[0]
    return [context.images.get(sheet) for sheet in made.sheets]


def expected(words: str, rows: Sequence[str] = (), columns: Sequence[str] = (), title: str = "") -> Image.Image:
    """Return a sheet with the named cells: colors, `failed`, or `-` for an empty cell."""
    cells = [word if word == "failed" else None if word == "-" else tile(word) for word in words.split()]
    return contact_sheet(cells, columns=len(columns) or 2, edges=Edges(title, rows, columns))


def same(a: Image.Image, b: Image.Image) -> bool:
    return (a.size, a.tobytes()) == (b.size, b.tobytes())


def test_a_list_without_a_sweep_is_drawn_as_one_sheet_without_labels(context: Any, image: ImageRef) -> None:
    made = Grid(images=[image, image, image], columns=3, gap=1).invoke(context)
    assert (made.image.width, made.image.height) == (52, 10)
    assert made.sheets == [made.image]
    labeled = Grid(images=[image], labels=["a"], color="black").invoke(context).image
    assert labeled.height > 16


def test_two_axes_are_drawn_as_labeled_rows_and_columns(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, SCHEDULER])
    assert same(sheet, expected("red lime blue yellow", ["seed 1", "seed 2"], ["euler", "ddim"]))
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, SCHEDULER], rows="scheduler")
    assert same(sheet, expected("red blue lime yellow", ["euler", "ddim"], ["seed 1", "seed 2"]))


def test_each_further_axis_yields_one_titled_sheet_per_item(context: Any, tiles: list[ImageRef]) -> None:
    first, second = sheets(context, tiles, axes=[SEED, STEPS, SCHEDULER])
    edges = (["steps 10", "steps 20"], ["euler", "ddim"])
    assert same(first, expected("red lime blue yellow", *edges, title="seed 1"))
    assert same(second, expected("fuchsia aqua navy gray", *edges, title="seed 2"))


def test_the_cells_of_all_sheets_have_one_size(context: Any, tiles: list[ImageRef]) -> None:
    large = context.images.put(Image.new("RGB", (SIDE + 10, SIDE + 20)))
    first, second = sheets(context, [*tiles[:7], large], axes=[SEED, STEPS, SCHEDULER])
    assert first.size == second.size


def test_a_single_axis_is_broken_into_rows_with_a_label_below_each_image(context: Any, tiles: list[ImageRef]) -> None:
    axis = {"name": "seed", "labels": list("12345678")}
    (sheet,) = sheets(context, tiles, axes=[axis])
    labels = [f"seed {number}" for number in range(1, 9)]
    assert same(sheet, contact_sheet(map(tile, COLORS), sizes=[(SIDE, SIDE)] * 8, columns=4, labels=labels))


def test_an_axis_with_one_item_has_no_label(context: Any, tiles: list[ImageRef]) -> None:
    size = {"name": "width", "labels": ["64"]}
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, size, SCHEDULER])
    assert same(sheet, sheets(context, tiles[:4], axes=[SEED, SCHEDULER])[0])
    (sheet,) = sheets(context, tiles[:2], axes=[size, SEED], rows="seed", columns="width")
    assert same(sheet, contact_sheet([tile("red"), tile("lime")], columns=1, edges=Edges(rows=["seed 1", "seed 2"])))


def test_setting_the_number_of_columns_puts_all_labels_below_each_image(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, SCHEDULER], columns=4)
    labels = ["seed 1, euler", "seed 1, ddim", "seed 2, euler", "seed 2, ddim"]
    assert same(sheet, contact_sheet(map(tile, COLORS[:4]), sizes=[(SIDE, SIDE)] * 4, columns=4, labels=labels))


def test_the_items_of_an_axis_without_labels_are_numbered(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:4], axes=[{"name": "image", "labels": None}, SCHEDULER])
    assert same(sheet, expected("red lime blue yellow", ["image 1", "image 2"], ["euler", "ddim"]))


def test_the_items_of_an_axis_known_only_at_run_time_become_its_labels(context: Any, tiles: list[ImageRef]) -> None:
    axes = [{"name": "image", "labels": None}, SCHEDULER]
    files = [replace(ref, path=f"in/{name}.png") for ref, name in zip(tiles, ["fox", "boat"], strict=False)]
    for items, labels in [
        (["a red fox", "a boat"], ["a red fox", "a boat"]),
        ([1, 0.1 + 0.2], ["image 1", "image 0.3"]),
        (files, ["fox", "boat"]),
        ([files[0], tiles[1]], ["image 1", "image 2"]),
        (["too", "many", "items"], ["image 1", "image 2"]),
    ]:
        (sheet,) = sheets(context, tiles[:4], axes=axes, axis_items=items)
        assert same(sheet, expected("red lime blue yellow", labels, ["euler", "ddim"]))


def test_a_title_stands_above_the_images_and_precedes_the_label_of_a_sheet(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:2], title="two colors")
    assert same(sheet, contact_sheet([tile("red"), tile("lime")], edges=Edges("two colors")))
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, SCHEDULER], title="a fox")
    assert same(sheet, expected("red lime blue yellow", ["seed 1", "seed 2"], ["euler", "ddim"], "a fox"))
    _, second = sheets(context, tiles, axes=[SEED, STEPS, SCHEDULER], title="a fox")
    rows, columns = ["steps 10", "steps 20"], ["euler", "ddim"]
    assert same(second, expected("fuchsia aqua navy gray", rows, columns, "a fox, seed 2"))


def test_a_failed_item_is_drawn_as_a_crossed_cell(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, [tiles[0], None, *tiles[2:4]], axes=[SEED, SCHEDULER])
    assert same(sheet, expected("red failed blue yellow", ["seed 1", "seed 2"], ["euler", "ddim"]))
    (sheet,) = sheets(context, [tiles[0], None])
    assert same(sheet, contact_sheet([tile("red"), "failed"]))
    assert context.messages == []


@pytest.mark.parametrize("gap", [[], [None]])
def test_the_cell_of_an_item_that_the_sweep_leaves_out_is_empty(
    gap: list[None], context: Any, tiles: list[ImageRef]
) -> None:
    (sheet,) = sheets(context, [*tiles[:2], *gap, tiles[3]], axes=[SEED, SCHEDULER], left_out=[2])
    assert same(sheet, expected("red lime - yellow", ["seed 1", "seed 2"], ["euler", "ddim"]))


def test_left_out_items_of_a_single_axis_have_no_label(context: Any, tiles: list[ImageRef]) -> None:
    axis = {"name": "seed", "labels": ["1", "2", "3"]}
    (sheet,) = sheets(context, [tiles[0], tiles[2]], axes=[axis], left_out=[1])
    assert same(sheet, contact_sheet([tile("red"), None, tile("blue")], columns=3, labels=["seed 1", "", "seed 3"]))


def test_written_labels_replace_the_labels_of_the_axes(context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:4], axes=[SEED, SCHEDULER], labels=["a", "b", "c", "d"])
    colors = [tile(color) for color in COLORS[:4]]
    assert same(sheet, contact_sheet(colors, columns=2, labels=["a", "b", "c", "d"]))
    first, second = sheets(context, tiles, axes=[SEED, STEPS, SCHEDULER], labels=list("abcdefgh"))
    assert same(first, contact_sheet(colors, columns=2, labels=list("abcd"), edges=Edges("seed 1")))
    assert first.size == second.size
    with pytest.raises(BadValue, match="there are 3 labels for 4 images"):
        sheets(context, tiles[:4], axes=[SEED, SCHEDULER], labels=["a", "b", "c"])


@pytest.mark.parametrize(
    ("label", "text"), [(7, "7"), (0.5, "0.5"), (0.1 + 0.2, "0.3"), (1 / 3, "0.333333"), ("0.10", "0.10")]
)
def test_a_number_can_be_a_label(label: str | float, text: str, context: Any, tiles: list[ImageRef]) -> None:
    (sheet,) = sheets(context, tiles[:1], labels=[label])
    assert same(sheet, contact_sheet([tile("red")], labels=[text]))


def test_a_list_that_does_not_match_the_sweep_is_drawn_without_labels_and_with_a_warning(
    context: Any, tiles: list[ImageRef]
) -> None:
    (sheet,) = sheets(context, tiles[:3], axes=[SEED, SCHEDULER])
    assert same(sheet, contact_sheet(map(tile, COLORS[:3]), sizes=[(SIDE, SIDE)] * 3))
    assert context.messages == ["the grid has no labels: the sweep has 4 items, but the list has 3"]


def test_characters_of_the_labels_that_no_font_has_cause_a_warning(
    context: Any, tiles: list[ImageRef], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.imaging.fonts.INSTALLED", ())
    sheets(context, tiles[:2], labels=["a fox", "a boat"])
    assert context.messages == []
    sheets(context, tiles[:2], labels=["a fox", "\u16a0 \U0001f98a"])
    assert context.messages == ["no installed font has these characters, which the labels contain: \u16a0\U0001f98a"]


def test_an_unknown_axis_is_refused(context: Any, tiles: list[ImageRef]) -> None:
    with pytest.raises(BadValue, match="there is no axis `sed`") as refused:
        sheets(context, tiles[:4], axes=[SEED, SCHEDULER], rows="sed")
    assert (refused.value.field, refused.value.hint) == ("rows", "did you mean `seed`?")


def test_a_grid_that_is_too_large_for_the_load_node_is_created_with_a_note(
    context: Any, image: ImageRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.imaging.files.MAX_PIXELS", 400)
    sheet = Grid(images=[image, image], columns=1).invoke(context).image
    assert (sheet.width, sheet.height) == (24, 28)
    assert context.messages == [
        "the sheet has 0.0 megapixels; `load` refuses more than 0: `--cell 256` makes it smaller"
    ]
    Grid(images=[image], gap=0).invoke(context)
    assert len(context.messages) == 1


def test_a_grid_with_one_image_much_larger_than_the_others_is_created_with_a_note(
    context: Any, image: ImageRef
) -> None:
    large = context.images.put(Image.new("RGB", (300, 200)))
    Grid(images=[image, image, large]).invoke(context)
    (message,) = context.messages
    assert message.startswith(
        "every cell is as large as the largest image, 300 px; most images are at most 16 px: `--cell 16`"
    )
