"""The items of a sweep are collected before a stage that takes a list; loops that the user wrote never are."""

from __future__ import annotations

from typing import Any

import pytest


def collected(made: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(node.id, dict(node.inputs)) for node in made.nodes if node.type == "collect"]


def test_the_items_of_a_sweep_are_gathered_for_an_input_that_takes_a_list(cook: Any, links: Any) -> None:
    made = cook("t2i a fox --steps 10,20 --seed 1..3 | grid")
    assert collected(made) == [("2.collect", {"by": ["steps", "seed"]})]
    assert links(made)[-2:] == [
        "1.decode.image -> 2.collect.item gathered",
        "2.collect.collection -> 2.images piped",
    ]
    assert made.results[0].loops == ()


def test_axes_of_several_stages_are_gathered_together(cook: Any) -> None:
    assert collected(cook("blur a.png 2,4 | upscale 2,3 | grid")) == [("3.collect", {"by": ["radius", "scale"]})]


def test_an_axis_after_a_gathered_sweep_begins_another_sweep(cook: Any) -> None:
    made = cook("t2i a fox --seed 1..3 | grid | blur 2,4 | grid")
    assert collected(made) == [("2.collect", {"by": ["seed"]}), ("4.collect", {"by": ["radius"]})]


def test_a_reference_to_an_item_of_a_sweep_is_gathered(cook: Any, links: Any) -> None:
    cook("t2i a fox --seed 1..3 as fox")
    assert links(cook("grid @fox")) == [
        "1.decode.image -> 2.collect.item gathered",
        "2.collect.collection -> 2.images written",
    ]
    assert collected(cook("grid @1 @1"))[0] == ("3.collect", {"by": ["seed"]})


def test_a_later_line_continues_the_sweep_of_an_earlier_line(cook: Any) -> None:
    cook("t2i a fox --seed 1..3 as fox")
    assert collected(cook("blur @fox 2,4 | grid")) == [("3.collect", {"by": ["seed", "radius"]})]
    assert collected(cook("grid @2")) == [("4.collect", {"by": ["seed", "radius"]})]


def test_a_star_turns_the_results_of_an_earlier_sweep_into_an_axis(cook: Any, links: Any) -> None:
    cook("t2i a fox --seed 1..3 as fox")
    made = cook("blur @fox* 2 | grid")
    assert links(made) == [
        "1.decode.image -> 2.collect.item gathered",
        "2.collect.collection -> 2.iterate.collection each",
        "2.iterate.item -> 2.image piped",
        "2.image -> 3.collect.item gathered",
        "3.collect.collection -> 3.images piped",
    ]
    assert collected(made) == [("2.collect", {"by": ["seed"]}), ("3.collect", {"by": ["image"]})]


def test_a_list_that_a_stage_iterates_over_counts_as_an_axis(cook: Any) -> None:
    assert collected(cook("load 'in/*.png' | iterate | collect | blur 2 | grid"))[-1] == (
        "5.collect",
        {"by": ["image"]},
    )
    assert collected(cook("blur 'in/*.png' 2,4 | grid")) == [("7.collect", {"by": ["image", "radius"]})]


def test_a_loop_that_the_user_wrote_is_never_gathered(cook: Any) -> None:
    assert cook.codes("range 1 4 | iterate | add 1 as sum | crop_to --box @sum --image a.png") == ["scalar_into_list"]
    made = cook("range 1 4 | iterate | add 1..3 as sum | crop_to --box @sum --image a.png")
    assert collected(made) == [("4.collect", {"by": ["b"]})]
    assert [loop.iterate for loop in made.results[0].loops] == ["2"]


COLLECT = (
    ("add 1..3 2 | mul 4,5 | collect", ["a", "b"]),
    ("add 1..3 2 | mul 4,5 | collect --by b", ["b"]),
    ("range 1 3 | iterate | add 4,5 | collect", ["b"]),
    ("list 1 2 3 | iterate | collect", None),
)


@pytest.mark.parametrize(("line", "by"), COLLECT, ids=[case[0] for case in COLLECT])
def test_collect_closes_a_whole_sweep_or_a_loop_that_the_user_wrote(cook: Any, line: str, by: list[str] | None) -> None:
    assert collected(cook(line))[-1][1].get("by") == by


def test_failed_items_become_holes_if_the_input_allows_missing_items(cook: Any) -> None:
    assert collected(cook("blur a.png 2,4 | sheet")) == [("2.collect", {"by": ["radius"], "holes": True})]


AXES = (
    (
        "t2i a fox --steps 10,20 --seed 1..3 | sheet",
        [("steps", ["10", "20"]), ("seed", ["1", "2", "3"])],
    ),
    ("upscale a.png 1.5..2:0.5 --tiled=yes,no | sheet", [("scale", ["1.5", "2"]), ("tiled", ["yes", "no"])]),
    ("t2i a fox --model default,mine | blur 2,4 | collect --by radius | sheet", [("radius", ["2", "4"])]),
    ("blur 'in/*.png' 2,4 | sheet", [("image", None), ("radius", ["2", "4"])]),
    ("load '*.png' | iterate | collect | sheet", None),
)


@pytest.mark.parametrize(("line", "axes"), AXES, ids=[case[0] for case in AXES])
def test_a_stage_that_shows_a_sweep_receives_the_names_and_labels_of_its_axes(cook: Any, line: str, axes: Any) -> None:
    named = cook(line).nodes[-1].inputs.get("axes")
    assert named == (axes and [{"name": name, "labels": labels} for name, labels in axes])


def test_a_stage_receives_the_axes_of_a_sweep_in_an_earlier_line(cook: Any) -> None:
    cook("t2i a fox --seed 1..3 as fox")
    assert cook("sheet @fox").nodes[-1].inputs["axes"] == [{"name": "seed", "labels": ["1", "2", "3"]}]


ITEMS = (
    ("blur 'in/*.png' 2,4 | sheet", "1.load.collection -> 2.axis_items sweep"),
    ("range 1 9 as n | load a.png | upscale @n* | sheet", "1.collection -> 4.axis_items sweep"),
    (
        "range 1 9 as n | load a.png | upscale @n* | blur 2,4 | collect --by scale | sheet",
        "1.collection -> 6.axis_items sweep",
    ),
    ("blur 'in/*.png' 2,4 | collect --by radius | sheet", None),
)


@pytest.mark.parametrize(("line", "link"), ITEMS, ids=[case[0] for case in ITEMS])
def test_a_stage_that_shows_a_sweep_receives_the_items_of_an_axis_that_is_not_known_yet(
    cook: Any, links: Any, line: str, link: str | None
) -> None:
    assert [each for each in links(cook(line)) if ".axis_items" in each] == ([link] if link else [])


def test_the_items_of_two_axes_that_are_not_known_yet_are_linked(cook: Any, links: Any) -> None:
    made = cook("range 1 9 as n | load 'in/*.png' | upscale @n* | sheet")
    assert [axis["name"] for axis in made.nodes[-1].inputs["axes"]] == ["image", "scale"]
    assert [each for each in links(made) if "axis_items" in each] == [
        "2.collection -> 4.axis_items sweep",
        "1.collection -> 4.second_axis_items sweep",
    ]
    three = cook("range 1 9 as n | load 'in/*.png' | upscale @n* | paste --over 'b/*.png' | sheet --columns 3")
    assert "axes" not in three.nodes[-1].inputs


@pytest.mark.parametrize(
    ("line", "axes"),
    [
        ("range 1 9 as n | load 'in/*.png' | upscale @n*", ["image", "scale"]),
        ("load 'in/*.png' as i | range 1 9 as n | upscale --scale @n* --image @i*", ["scale", "image"]),
        ("load 'a/*.png' as a | load 'b/*.png' as b | paste --over @b* --image @a*", ["over", "image"]),
        ("load 'a/*.png' as a | load 'b/*.png' as b | paste --image @a* --over @b*", ["image", "over"]),
    ],
)
def test_the_axis_that_is_written_first_is_the_outermost_one(cook: Any, line: str, axes: list[str]) -> None:
    assert [axis.name for axis in cook(line).axes] == axes


def test_the_items_of_an_unknown_axis_of_an_earlier_line_are_linked(cook: Any, links: Any) -> None:
    cook("blur 'in/*.png' 2 as soft")
    assert "1.load.collection -> 2.axis_items sweep" in links(cook("sheet @soft"))
