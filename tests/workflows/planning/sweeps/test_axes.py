"""An input with several values becomes a list and a loop over it; the axis that is written first varies slowest."""

from __future__ import annotations

from typing import Any

import pytest

VALUES = (
    ("add 1..3 2", "a", [1, 2, 3]),
    ("add 0..1:0.5 2", "a", [0.0, 0.5, 1.0]),
    ("add 1,2.5 2", "a", [1, 2.5]),
    ("add 1 7..3:-2", "b", [7, 5, 3]),
    ("t2i a fox --steps 10,20,30", "steps", [10, 20, 30]),
    ("t2i a fox -s 10,20", "steps", [10, 20]),
    ("t2i a fox --steps=5..9:2,30", "steps", [5, 7, 9, 30]),
    ("t2i a fox --steps 10 --steps 20", "steps", [10, 20]),
    ("t2i a fox --model default,mine", "model", ["default", "mine"]),
    ("upscale a.png 2,4", "scale", [2.0, 4.0]),
    ("upscale a.png --scale 1..2/3", "scale", [1.0, 1.5, 2.0]),
    ("upscale a.png --method nearest,bicubic", "method", ["nearest", "bicubic"]),
    ("upscale a.png --tiled=yes,no", "tiled", [True, False]),
    ("upscale a.png --width 64,none", "width", [64, None]),
    ("t2i a fox --negative blur --negative 'noise, grain'", "negative", ["blur", "noise, grain"]),
    ("tint a.png --color red --color 'rgb(0,0,255)'", "color", ["#ff0000", "#0000ff"]),
    ("say --text a,b --text c..d", "text", ["a,b", "c..d"]),
)


@pytest.mark.parametrize(("line", "name", "values"), VALUES, ids=[case[0] for case in VALUES])
def test_several_values_for_an_input_that_takes_one_are_an_axis(cook: Any, line: str, name: str, values: Any) -> None:
    made = cook(line)
    (axis,) = made.axes
    assert (axis.name, list(axis.values)) == (name, values)
    lists = [node for node in made.nodes if node.type == "list"]
    assert [(node.id, dict(node.inputs)) for node in lists] == [("1.list", {"items": values})]
    loops = [node for node in made.nodes if node.type == "iterate"]
    assert [(node.id, dict(node.inputs)) for node in loops] == [("1.iterate", {"axis": name})]


WORDS = (
    ("t2i a fox, 1..8 and 4x --seed 7", "text", "a fox, 1..8 and 4x"),
    ("t2i --prompt a,b", "text", "a,b"),
    ("t2i a fox --negative blur,noise", "negative", "blur,noise"),
    ("load a,b.png", "source", "a,b.png"),
    ("t2i a fox --model 'a,b'", "name", "a,b"),
)


@pytest.mark.parametrize(("line", "name", "value"), WORDS, ids=[case[0] for case in WORDS])
def test_texts_and_paths_keep_their_commas_and_dots(cook: Any, line: str, name: str, value: str) -> None:
    made = cook(line)
    assert made.axes == ()
    assert value in [each.value for each in made.values if each.input == name]


def test_a_list_input_keeps_its_commas(cook: Any) -> None:
    made = cook("list 1,2,3")
    assert made.axes == ()
    assert made.nodes[0].inputs["items"] == [1, 2, 3]


def test_an_existing_file_with_a_comma_in_its_name_is_one_model(cook: Any) -> None:
    cook.is_file = lambda path: path == "a,b"
    assert cook("t2i a fox --model a,b").axes == ()


def test_the_first_axis_written_is_the_outermost_one(cook: Any, links: Any) -> None:
    made = cook("t2i a fox --steps 10,20 --seed 1..3")
    assert [axis.name for axis in made.axes] == ["steps", "seed"]
    assert [loop.axis for loop in made.results[0].loops] == ["steps", "seed"]
    made = cook("t2i a fox --seed 1..3 --steps 10,20")
    assert [loop.axis for loop in made.results[0].loops] == ["seed", "steps"]


def test_positional_axes_are_ordered_by_their_place_in_the_line(cook: Any) -> None:
    made = cook("upscale a.png 2,4 --method nearest,bicubic")
    assert [axis.name for axis in made.axes] == ["scale", "method"]
    made = cook("upscale a.png --method nearest,bicubic -- 2,4")
    assert [axis.name for axis in made.axes] == ["method", "scale"]


def test_all_stages_of_a_recipe_share_one_axis(cook: Any, links: Any) -> None:
    made = links(cook("draw a fox --model default,mine"))
    assert [each for each in made if each.startswith(("1.iterate", "1.list"))] == [
        "1.list.collection -> 1.iterate.collection sweep",
        "1.iterate.item -> 1.model.name sweep",
    ]
    assert [each for each in made if each.startswith("1.model.model")] == [
        f"1.model.model -> 1.{stage}.model sweep" for stage in ("prompt", "noise", "denoise", "decode")
    ]


def test_the_links_and_values_that_a_sweep_adds_are_marked_as_such(cook: Any, links: Any) -> None:
    made = cook("add 1..3 2")
    assert links(made) == ["1.list.collection -> 1.iterate.collection sweep", "1.iterate.item -> 1.a sweep"]
    assert [(each.node, each.origin) for each in made.values] == [
        ("1.list", "sweep"),
        ("1.iterate", "sweep"),
        ("1", "written"),
    ]


def test_the_second_axis_of_the_same_name_is_prefixed_with_its_command(cook: Any) -> None:
    made = cook("t2i a fox --steps 10,20 | i2i a dog --strength .3,.6 | i2i a cat --strength .2,.4")
    assert [axis.name for axis in made.axes] == ["steps", "strength", "i2i.strength.2"]


def test_an_axis_is_named_after_its_command_if_an_earlier_line_has_one_around_its_input(cook: Any) -> None:
    cook("add 1..3 2 as sum")
    made = cook("add 1..2 @sum")
    assert [axis.name for axis in made.axes] == ["add.a"]
    assert [loop.axis for loop in made.results[0].loops] == ["a", "add.a"]


def test_images_and_references_are_an_axis_if_their_option_is_repeated(cook: Any, links: Any) -> None:
    made = cook("load cat.png | paste --over a.png --over b.png")
    assert [axis.name for axis in made.axes] == ["over"]
    assert links(made)[-2:] == [
        "2.collect.2.collection -> 2.iterate.collection each",
        "2.iterate.item -> 2.over written",
    ]
    cook("add 1 2 as three")
    made = cook("add 1 --b @three --b @three")
    assert [loop.axis for loop in made.results[0].loops] == ["b"]


def test_a_file_pattern_becomes_an_axis_for_any_image_input(cook: Any, links: Any) -> None:
    made = cook("load cat.png | paste --over '*.png'")
    assert links(made)[1:] == [
        "2.load.collection -> 2.iterate.collection each",
        "2.iterate.item -> 2.over written",
    ]
    assert [axis.name for axis in made.axes] == ["over"]


def test_drawn_seeds_are_recorded_as_numbers(cook: Any) -> None:
    made = cook("t2i a fox --seed 7,4x --steps 3")
    (axis,) = made.axes
    assert axis.values[0] == 7
    assert len(set(axis.values)) == 5
    assert made.text == f"t2i a fox --seed {','.join(map(str, axis.values))} --steps 3"


def test_numbers_drawn_with_the_seed_of_the_line_are_always_the_same(cook: Any) -> None:
    line = "t2i a fox --steps 5..90?6 --seed 7"
    first, second = cook(line), cook(line)
    assert first.text == ""
    assert first.axes[0].values == second.axes[0].values
    assert len(set(first.axes[0].values)) == 6
    more = cook("t2i a fox --steps 5..90?8 --seed 7")
    assert more.axes[0].values[:6] == first.axes[0].values


def test_numbers_drawn_without_a_seed_are_recorded(cook: Any) -> None:
    made = cook("add 1..1000?3 2")
    assert made.text == f"add {','.join(map(str, made.axes[0].values))} 2"


def test_a_script_draws_the_same_numbers_each_time_so_that_it_can_be_resumed(cook: Any) -> None:
    line = "t2i a fox --seed 3x --steps 1..90?4"
    first, second = cook(line, name="a.inv"), cook(line, name="a.inv")
    assert [list(axis.values) for axis in first.axes] == [list(axis.values) for axis in second.axes]
    assert len(set(first.axes[0].values)) == 3
    other = cook(line, name="b.inv")
    assert list(other.axes[0].values) != list(first.axes[0].values)
