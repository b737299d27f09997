"""`--zip` makes several axes of a stage advance together."""

from __future__ import annotations

from typing import Any

import pytest


def test_axes_that_advance_together_form_one_axis(cook: Any, links: Any) -> None:
    made = cook("t2i a fox --seed 1,2,3 --steps 10,20,30 --zip seed,steps | sheet")
    assert [(axis.name, axis.labels) for axis in made.axes] == [
        ("seed+steps", ["seed 1, steps 10", "seed 2, steps 20", "seed 3, steps 30"])
    ]
    assert [each for each in links(made) if "1.pick" in each] == [
        "1.list.2.collection -> 1.pick.collection sweep",
        "1.iterate.item -> 1.pick.index sweep",
        "1.list.3.collection -> 1.pick.2.collection sweep",
        "1.iterate.item -> 1.pick.2.index sweep",
        "1.pick.item -> 1.noise.seed sweep",
        "1.pick.2.item -> 1.denoise.steps sweep",
    ]
    assert made.nodes[-2].inputs["by"] == ["seed+steps"]


def test_axes_that_are_not_zipped_multiply_the_items(cook: Any) -> None:
    made = cook("upscale a.png 2,3 --method nearest,bicubic --tiled=yes,no --zip method,scale")
    assert [axis.name for axis in made.axes] == ["scale+method", "tiled"]
    assert len(made.axes[0].values) == 2


def test_zip_short_stops_at_the_end_of_the_shortest_axis(cook: Any) -> None:
    made = cook("add 1..9 4,5 --zip-short a,b")
    assert [row.values for row in made.axes[0].values] == [(1, 4), (2, 5)]


def test_varied_words_can_advance_together_with_other_axes(cook: Any, links: Any) -> None:
    made = cook("t2i a red house --vary red=blue,green --seed 1..3 --zip red,seed")
    assert [(axis.name, axis.labels) for axis in made.axes] == [
        ("red+seed", ["red, seed 1", "blue, seed 2", "green, seed 3"])
    ]
    assert {"1.pick.item -> 1.replace.new sweep", "1.pick.2.item -> 1.noise.seed sweep"} <= {*links(made)}


def test_the_axis_of_several_varied_words_has_a_hyphenated_name(cook: Any) -> None:
    made = cook('t2i a red house --vary "red house=blue boat" --seed 1,2 --zip seed,red-house')
    assert [(axis.name, axis.labels) for axis in made.axes] == [
        ("red-house+seed", ["red house, seed 1", "blue boat, seed 2"])
    ]


def test_two_varied_words_can_advance_together(cook: Any) -> None:
    made = cook("t2i a red house --vary red=blue,green --vary house=boat,tree --zip red,house")
    assert [axis.labels for axis in made.axes] == [["red, house", "blue, boat", "green, tree"]]


def test_a_varied_word_with_the_name_of_another_axis_is_prefixed_with_the_command(cook: Any) -> None:
    made = cook("t2i a seed --seed 1,2 --vary seed=leaf --steps 10,20 --zip t2i.seed,steps")
    assert [axis.name for axis in made.axes] == ["seed", "t2i.seed+steps"]


REFUSALS = (
    (
        "t2i a fox --seed 1,2 --zip seed",
        """\
error: `--zip` needs at least two axes
  t2i a fox --seed 1,2 --zip seed
                             ^^^^
  write for example --zip seed,steps""",
    ),
    (
        "t2i a fox --seed 1..3 --steps 10,20 --zip seed,steps",
        """\
error: axes of different lengths cannot be zipped: `seed` has 3 values and `steps` has 2 values
  t2i a fox --seed 1..3 --steps 10,20 --zip seed,steps
                                            ^^^^^^^^^^
  to stop at the end of the shortest one, write --zip-short seed,steps""",
    ),
    (
        "t2i a fox --seed 1,2 --steps 10 --zip seed,steps",
        """\
error: `steps` has only one value, so it cannot be zipped
  t2i a fox --seed 1,2 --steps 10 --zip seed,steps
                                             ^^^^^
  write several values: --steps A,B""",
    ),
    (
        "t2i a fox --seed 1,2 --steps 10,20 --zip seed,stpes",
        """\
error: `t2i` has no axis `stpes`: its axes are `seed`, `steps`
  t2i a fox --seed 1,2 --steps 10,20 --zip seed,stpes
                                                ^^^^^
  did you mean `steps`?""",
    ),
    (
        "t2i a red house --vary red=blue --seed 1..3 --zip rde,seed",
        """\
error: `t2i` has no axis `rde`: its axes are `red`, `seed`
  t2i a red house --vary red=blue --seed 1..3 --zip rde,seed
                                                    ^^^
  did you mean `red`?""",
    ),
    (
        "t2i a red house --vary red=blue --seed 1..3 --zip red,seed",
        """\
error: axes of different lengths cannot be zipped: `red` has 2 values and `seed` has 3 values
  t2i a red house --vary red=blue --seed 1..3 --zip red,seed
                                                    ^^^^^^^^
  to stop at the end of the shortest one, write --zip-short red,seed""",
    ),
    (
        "t2i a fox --zip cfg,seed",
        """\
error: `t2i` has no axis `cfg`: none of its inputs has several values
  t2i a fox --zip cfg,seed
                  ^^^""",
    ),
    (
        "add 1,2 3,4 --zip a,b --zip b,a",
        """\
error: `b` is zipped twice
  add 1,2 3,4 --zip a,b --zip b,a
                              ^^^
  name each axis once""",
    ),
    (
        "add 1,2 3,4 --zip",
        """\
error: `--zip` needs a value
  add 1,2 3,4 --zip
              ^^^^^
  it takes the names of axes, such as seed,steps""",
    ),
)


@pytest.mark.parametrize(("line", "text"), REFUSALS, ids=[case[0] for case in REFUSALS])
def test_axes_that_cannot_advance_together_are_refused(cook: Any, line: str, text: str) -> None:
    assert cook.refusal(line) == text
