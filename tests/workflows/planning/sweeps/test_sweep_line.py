"""`sweep` at the beginning of a line declares axes, whose items later stages receive by name."""

from __future__ import annotations

from typing import Any

import pytest


def axes(made: Any) -> list[tuple[str, list[Any]]]:
    return [(axis.name, [getattr(value, "values", value) for value in axis.values]) for axis in made.axes]


def lists(made: Any) -> list[list[Any]]:
    """Return the values of all lists that the sweep adds to the graph."""
    return [node.inputs["items"] for node in made.nodes if node.type == "list"]


def sheet(made: Any) -> dict[str, Any]:
    """Return the inputs of the last node."""
    return dict(made.nodes[-1].inputs)


def test_axes_reach_several_later_stages(cook: Any, links: Any) -> None:
    made = cook("sweep seed=1..4 strength=.3,.5 | t2i a boat | i2i a ship | grid")
    assert axes(made) == [("seed", [1, 2, 3, 4]), ("strength", [0.3, 0.5])]
    assert [each for each in links(made) if each.startswith("1.") or "collect" in each] == [
        "1.list.collection -> 1.iterate.collection sweep",
        "1.list.2.collection -> 1.iterate.2.collection sweep",
        "1.iterate.item -> 2.noise.seed named",
        "1.iterate.2.item -> 3.denoise.strength named",
        "3.decode.image -> 4.collect.item gathered",
        "4.collect.collection -> 4.images piped",
    ]


def test_the_first_name_is_the_outermost_axis_whichever_stage_uses_it(cook: Any) -> None:
    made = cook("sweep strength=.3,.5 seed=1..4 | t2i a boat | i2i a ship")
    assert [loop.axis for loop in made.results[0].loops] == ["strength", "seed"]


def test_a_sweep_stage_adds_no_sweep_node(cook: Any) -> None:
    made = cook("sweep seed=1..2 | t2i a fox")
    assert "sweep" not in {node.type for node in made.nodes}
    stage = made.stages[0]
    assert (stage.number, stage.command, stage.nodes) == (1, "sweep", ("1.list", "1.iterate"))


@pytest.mark.parametrize(
    ("line", "name", "values"),
    [
        ("sweep seed=7 | t2i a fox", "seed", [7]),
        ("sweep steps=10..30/3 | t2i a fox", "steps", [10, 20, 30]),
        ("sweep strength=0..1:0.5 | i2i cat.png a ship", "strength", [0.0, 0.5, 1.0]),
        ('sweep prompt="a, b" "c, d" | t2i', "prompt", ["a, b", "c, d"]),
        ("sweep prompt=fox,boat | t2i", "prompt", ["fox", "boat"]),
        ("sweep prompt='a fox' boat,ship | t2i", "prompt", ["a fox", "boat", "ship"]),
        ("sweep model=default,mine | t2i a fox", "model", ["default", "mine"]),
        ("sweep method=nearest,bicubic | upscale a.png", "method", ["nearest", "bicubic"]),
        ("sweep tiled=yes,no | upscale a.png", "tiled", [True, False]),
        ("sweep color=red 'rgb(0,0,255)' | tint a.png", "color", ["#ff0000", "#0000ff"]),
        ("sweep i2i.strength=.2,.4 | t2i a fox | i2i a ship", "i2i.strength", [0.2, 0.4]),
    ],
)
def test_values_are_read_as_the_type_of_the_input_they_feed(cook: Any, line: str, name: str, values: list[Any]) -> None:
    assert axes(cook(line)) == [(name, values)]


def test_a_name_with_a_command_prefix_reaches_only_that_command(cook: Any, links: Any) -> None:
    made = links(cook("sweep upscale.width=8,16 | t2i a fox | blur 2 | upscale 2"))
    assert [each for each in made if each.startswith("1.iterate.item")] == ["1.iterate.item -> 4.width named"]


def test_a_written_value_wins_over_the_sweep(cook: Any, links: Any) -> None:
    made = links(cook("sweep radius=1,2 | blur a.png --radius 3 | blur"))
    assert [each for each in made if each.startswith("1.iterate.item")] == ["1.iterate.item -> 3.radius named"]


def test_a_line_may_begin_with_an_image_after_a_sweep(cook: Any) -> None:
    made = cook("sweep strength=.3,.5 | i2i cat.png a ship")
    assert [node.inputs for node in made.nodes if node.type == "load"] == [{"source": "cat.png"}]


def test_the_main_input_of_the_next_stage_may_be_swept(cook: Any, links: Any) -> None:
    made = links(cook("sweep image=a.png,b.png | i2i a ship | grid"))
    assert "1.iterate.item -> 1.load.source sweep" in made
    assert "1.load.image -> 2.encode.image named" in made


def test_a_value_can_be_referred_to_by_name(cook: Any, links: Any) -> None:
    made = links(cook("sweep width=1..3 as s | add @s.width 1"))
    assert made[-1] == "1.iterate.item -> 2.a written"


def test_seeds_that_are_drawn_are_recorded(cook: Any) -> None:
    made = cook("sweep seed=3x | t2i a fox")
    assert made.text == f"sweep seed={','.join(map(str, made.axes[0].values))} | t2i a fox"


ZIPPED = (
    ("sweep seed=1,2 steps=10,20 --zip seed,steps | t2i a fox | sheet", [[0, 1], [1, 2], [10, 20]]),
    ("sweep seed=1,2,3 steps=10,20 --zip seed,steps --zip-short | t2i a fox | sheet", [[0, 1], [1, 2], [10, 20]]),
)


@pytest.mark.parametrize(("line", "expected"), ZIPPED, ids=["equally long", "short"])
def test_names_that_advance_together_are_one_axis(cook: Any, links: Any, line: str, expected: list[list[int]]) -> None:
    made = cook(line)
    assert axes(made) == [("seed+steps", [(1, 10), (2, 20)])]
    assert lists(made) == expected
    assert [each for each in links(made) if "pick" in each] == [
        "1.list.2.collection -> 1.pick.collection sweep",
        "1.iterate.item -> 1.pick.index sweep",
        "1.list.3.collection -> 1.pick.2.collection sweep",
        "1.iterate.item -> 1.pick.2.index sweep",
        "1.pick.item -> 2.noise.seed named",
        "1.pick.2.item -> 2.denoise.steps named",
    ]
    labels, parts = ["seed 1, steps 10", "seed 2, steps 20"], {"seed": ["1", "2"], "steps": ["10", "20"]}
    assert sheet(made)["axes"] == [{"name": "seed+steps", "labels": labels, "parts": parts}]


def test_a_zipped_axis_takes_the_place_of_its_first_name(cook: Any) -> None:
    made = cook("sweep a=1,2 b=3,4 c=5,6 --zip a,c | add @1.a @1.b | mul @1.c")
    assert [axis.name for axis in made.axes] == ["a+c", "b"]


KEPT = (
    ('--where "strength < .4 or seed == 1"', [(1, 0.3), (1, 0.5), (2, 0.3), (3, 0.3)], [3, 5]),
    ("--limit 4", [(1, 0.3), (1, 0.5), (2, 0.3), (2, 0.5)], [4, 5]),
    ('--where "seed != 2" --limit 3', [(1, 0.3), (1, 0.5), (3, 0.3)], [2, 3, 5]),
)


@pytest.mark.parametrize(("options", "rows", "left_out"), KEPT, ids=[case[0] for case in KEPT])
def test_the_kept_items_form_one_axis_and_the_cells_of_the_other_items_stay_empty(
    cook: Any, options: str, rows: list[tuple[Any, ...]], left_out: list[int]
) -> None:
    made = cook(f"sweep seed=1..3 strength=.3,.5 {options} | t2i a boat | i2i a ship | sheet")
    assert axes(made) == [("seed+strength", rows)]
    assert sheet(made)["left_out"] == left_out
    assert sheet(made)["axes"] == [
        {"name": "seed", "labels": ["1", "2", "3"]},
        {"name": "strength", "labels": ["0.3", "0.5"]},
    ]


def test_the_cells_of_left_out_items_stay_empty_along_every_other_axis(cook: Any) -> None:
    made = cook("sweep seed=1..2 strength=.3,.5 --limit 3 | t2i a boat --steps 4,5 | i2i a ship | sheet")
    assert [len(axis["labels"]) for axis in sheet(made)["axes"]] == [2, 2, 2]
    assert sheet(made)["left_out"] == [6, 7]


def test_a_condition_on_one_axis_leaves_an_ordinary_axis(cook: Any) -> None:
    made = cook("sweep seed=1..9 --where 'seed % 2 == 1' | t2i a fox | sheet")
    assert axes(made) == [("seed", [1, 3, 5, 7, 9])]
    assert "left_out" not in sheet(made)


def test_a_condition_that_every_item_fulfills_changes_nothing(cook: Any) -> None:
    made = cook("sweep seed=1..2 steps=3,4 --where 'seed > 0' | t2i a fox")
    assert axes(made) == [("seed", [1, 2]), ("steps", [3, 4])]


def test_a_few_of_many_items_are_chosen_without_making_the_others(cook: Any) -> None:
    made = cook("sweep seed=1..50000 strength=0..1/50000 --sample 3 | t2i a boat | i2i a ship | sheet")
    assert len(axes(made)[0][1]) == 3
    assert "left_out" not in sheet(made)


def test_a_sample_is_the_same_each_time_and_in_the_order_of_the_axes(cook: Any) -> None:
    line = "sweep seed=1..1000 steps=1..1000 --sample 5 | t2i a fox"
    first, again = axes(cook(line)), axes(cook(line))
    assert first == again
    rows = first[0][1]
    assert len(rows) == 5
    assert rows == sorted(rows)
    assert axes(cook("sweep seed=1..3 --sample 5 | t2i a fox")) == [("seed", [1, 2, 3])]
