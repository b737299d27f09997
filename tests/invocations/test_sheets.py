"""The arrangement of a sweep's axes on sheets."""

from __future__ import annotations

from math import prod
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.errors import BadValue
from invocations.sheets import Arrangement, Axis, arrange, columns_of, label_of, labels_of, read_axes
from invocations.values import ImageRef, ModelRef

SEED = Axis("seed", ("1", "2"))
STEPS = Axis("steps", ("10", "20", "30"))
SCHEDULER = Axis("scheduler", ("euler", "ddim"))
SIZE = Axis("size", ("64",))
AXES = (SEED, STEPS, SCHEDULER)


def names(arrangement: Arrangement) -> tuple[str, str, str]:
    """Return the axes that run down and across, and those that need several sheets."""
    down, across = (axis.name if axis else "-" for axis in (arrangement.down, arrangement.across))
    return down, across, " ".join(axis.name for axis in arrangement.outer)


@pytest.mark.parametrize(
    ("axes", "options", "expected"),
    [
        ((SEED, STEPS), {}, ("seed", "steps", "")),
        ((SEED, SIZE, STEPS), {}, ("seed", "steps", "")),
        (AXES, {}, ("steps", "scheduler", "seed")),
        ((SEED, STEPS), {"rows": "steps"}, ("steps", "seed", "")),
        ((SEED, STEPS), {"columns": "seed"}, ("steps", "seed", "")),
        (AXES, {"rows": "scheduler"}, ("scheduler", "steps", "seed")),
        (AXES, {"rows": "steps", "columns": "seed"}, ("steps", "seed", "scheduler")),
        ((STEPS,), {"rows": "steps"}, ("steps", "-", "")),
        ((STEPS,), {"columns": "steps"}, ("-", "steps", "")),
        ((SIZE, STEPS), {"rows": "size"}, ("size", "steps", "")),
    ],
)
def test_the_last_axis_runs_across_and_the_one_before_it_down_unless_options_name_others(
    axes: tuple[Axis, ...], options: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    assert names(arrange(axes, **options)) == expected


@pytest.mark.parametrize(
    ("axes", "columns", "shape"),
    [
        ((), None, (1, 1)),
        ((STEPS,), None, (1, 3)),
        ((Axis("seed", tuple("12345678")), SIZE), None, (2, 4)),
        ((Axis("seed", tuple("12345678")),), 3, (3, 3)),
        ((SEED, STEPS), 4, (2, 4)),
    ],
)
def test_a_single_axis_or_a_sweep_with_a_set_number_of_columns_is_a_list_broken_into_rows(
    axes: tuple[Axis, ...], columns: int | None, shape: tuple[int, int]
) -> None:
    arrangement = arrange(axes, columns=columns)
    assert (arrangement.is_list, arrangement.outer, arrangement.shape) == (True, (), shape)


@pytest.mark.parametrize(
    ("count", "columns"),
    [(0, 1), (1, 1), (3, 3), (4, 4), (5, 5), (6, 3), (7, 4), (8, 4), (9, 3), (10, 5), (60, 10), (100, 10)],
)  # fmt: skip
def test_a_list_is_broken_into_rows_without_empty_cells_if_possible(count: int, columns: int) -> None:
    assert columns_of(count) == columns


def test_each_sheet_shows_the_items_of_one_value_of_the_outer_axis() -> None:
    arrangement = arrange(AXES)
    assert arrangement.sheets == [(0,), (1,)]
    assert [arrangement.positions(sheet) for sheet in arrangement.sheets] == [[0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]]
    assert [arrangement.title(sheet) for sheet in arrangement.sheets] == ["seed 1", "seed 2"]
    assert arrangement.edges == (["steps 10", "steps 20", "steps 30"], ["euler", "ddim"])


def test_rows_and_columns_can_be_exchanged() -> None:
    arrangement = arrange((SEED, STEPS), rows="steps")
    assert arrangement.positions(()) == [0, 3, 1, 4, 2, 5]
    assert [arrangement.label(position) for position in (0, 3, 1)] == [
        "seed 1, steps 10", "seed 2, steps 10", "seed 1, steps 20",
    ]  # fmt: skip


axis_lists = st.lists(st.integers(1, 3), min_size=1, max_size=5).map(
    lambda lengths: [Axis(f"a{at}", tuple(f"{at}.{n}" for n in range(length))) for at, length in enumerate(lengths)]
)


@given(axis_lists, st.data())
def test_every_item_is_on_exactly_one_sheet_and_named_at_its_edges(axes: list[Axis], data: st.DataObject) -> None:
    choices = st.sampled_from(["", *(axis.name for axis in axes)])
    rows, columns = data.draw(choices), data.draw(choices)
    if rows and rows == columns:
        return
    arrangement = arrange(axes, rows, columns or None)
    shown = [(sheet, arrangement.positions(sheet)) for sheet in arrangement.sheets]
    assert sorted(position for _, positions in shown for position in positions) == list(range(arrangement.count))
    assert arrangement.count == prod(len(axis.labels) for axis in axes)
    down, across = arrangement.edges
    for sheet, positions in () if arrangement.is_list else shown:
        for place, position in enumerate(positions):
            row, column = divmod(place, arrangement.shape[1])
            named = {*arrangement.title(sheet).split(", "), *down[row : row + 1], *across[column : column + 1]} - {""}
            assert set(arrangement.label(position).split(", ")) - {""} <= named


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("10", "steps 10"),
        ("-1.5", "steps -1.5"),
        ("1e-05", "steps 1e-05"),
        ("yes", "steps yes"),
        ("", 'steps ""'),
        ("euler", "euler"),
        ("a red house", "a red house"),
        ("512x768", "512x768"),
    ],
)
def test_a_label_is_preceded_by_its_axis_only_if_it_is_a_number_or_yes_or_no(label: str, shown: str) -> None:
    assert Axis("steps", (label,)).label(0) == shown


@pytest.mark.parametrize(
    ("axes", "options", "message", "hint"),
    [
        (AXES, {"rows": "stps"}, "there is no axis `stps`", "did you mean `steps`?"),
        (AXES, {"columns": "height"}, "there is no axis `height`", "the axes are `seed`, `steps` and `scheduler`"),
        ((SEED,), {"columns": "height"}, "there is no axis `height`", "the only axis is `seed`"),
        ((), {"rows": "seed"}, "there is no axis `seed`: the images do not come from a sweep", "see `help sweeps`"),
        (
            AXES,
            {"rows": "seed", "columns": "seed"},
            "`seed` cannot be both rows and columns",
            "leave out `--rows` or `--columns`",
        ),
        (
            AXES, {"rows": "seed", "columns": 3},
            "`--rows` cannot be combined with a number of columns",
            "write an axis after `--columns`, or leave out one of the two options",
        ),
    ],
)  # fmt: skip
def test_an_unknown_axis_and_options_that_contradict_each_other_are_refused(
    axes: tuple[Axis, ...], options: dict[str, Any], message: str, hint: str
) -> None:
    with pytest.raises(BadValue) as refused:
        arrange(axes, **options)
    assert (str(refused.value), refused.value.hint) == (message, hint)


@pytest.mark.parametrize(("items", "labels"), [(6, ("1", "2", "3")), (2, ("1",)), (1, ()), (None, ("1", "2"))])
def test_the_items_of_an_axis_without_labels_are_numbered(items: int | None, labels: tuple[str, ...]) -> None:
    data = [{"name": "image", "labels": None}, {"name": "seed", "labels": ["1", "2"]}]
    assert read_axes(data, items) == (Axis("image", labels), SEED)


def test_linked_items_are_used_as_the_labels_of_axes() -> None:
    data: list[dict[str, Any]] = [
        {"name": "prompt", "labels": None},
        {"name": "seed", "labels": ["1", "2"]},
        {"name": "image", "labels": None},
    ]
    files = [ImageRef("x", path="in/fox.png"), ImageRef("y", path="in/boat.png"), ImageRef("z", path="in/c.png")]
    prompt, image = Axis("prompt", ("a fox", "a boat")), Axis("image", ("fox", "boat", "c"))
    assert read_axes(data, 12, (["a fox", "a boat"], files)) == (prompt, SEED, image)
    assert read_axes(data[:2], 4, (["a fox", "a boat"], ())) == (prompt, SEED)
    unnamed = read_axes(data, 12, (["a fox", "a boat"], [*files[:2], ImageRef("z")]))
    assert unnamed == (prompt, SEED, Axis("image", ("1", "2", "3")))
    assert read_axes(data) == (Axis("prompt", ("1", "2")), SEED, Axis("image", ("1", "2")))


@pytest.mark.parametrize(
    ("items", "labels"),
    [
        (["a fox", "", 1, 0.1 + 0.2, 2.0, True], ["a fox", "", "1", "0.3", "2", "yes"]),
        ([ImageRef("x", path="in/fox.png")], ["fox"]),
        ([ModelRef("x", model="default")], ["default"]),
        ([ImageRef("x")], []),
        ([ImageRef("x", path="a.png"), ImageRef("x")], []),
        ([], []),
    ],
)
def test_items_are_labeled_with_their_text_or_file_name(items: list[Any], labels: list[str]) -> None:
    assert labels_of(items) == labels


@pytest.mark.parametrize(
    ("item", "label"),
    [
        (3, "seed 3"),
        (0.5, "seed 0.5"),
        (False, "seed no"),
        (None, "none"),
        ("a fox", "a fox"),
        ("", "without seed"),
        (ImageRef("x", path="in/fox.png"), "fox"),
        (ImageRef("x"), "seed"),
    ],
)
def test_a_label_names_the_axis_if_the_value_alone_would_be_unclear(item: Any, label: str) -> None:
    assert label_of("seed", item) == label


def test_axes_are_read_from_json() -> None:
    assert read_axes([{"name": "seed", "labels": [1, 2]}]) == (SEED,)
