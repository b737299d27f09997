"""Names of saved images that contain the values of a sweep's axes."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from tests.invokeai_cli.conftest import TypeLine

NAMES = (
    ('t2i a cat --seed 1,2 --steps 2,3 | save "{axis.seed}-{axis.steps:03}.png"', "1-002 1-003 2-002 2-003"),
    ('t2i a cat --seed 5..6 --steps 2,3 | save "{row}-{col}.png"', "1-1 1-2 2-1 2-2"),
    ('t2i a cat --seed 5..7 | save "{row}-{col}.png"', "1-1 1-2 1-3"),
    ('t2i a cat --guidance 2,2.5 | save "{axis.guidance}.png"', "2 2.5"),
    ('t2i a cat --tiled=yes,no | save "{axis.tiled}.png"', "yes no"),
    ('t2i a cat --seed 1,2 --steps 4,5 --zip seed,steps | save "{axis.steps}-{axis.seed}.png"', "4-1 5-2"),
    ('t2i a red cat --vary red=blue | save "{axis.red}.png"', "red blue"),
    ('t2i a red cat --vary red=,blue | save "{axis.red}.png"', "red without-red blue"),
    (
        't2i a red cat --vary red=,blue --seed 1..3 --zip red,seed | save "{axis.red}-{seed}.png"',
        "red-1 without-red-2 blue-3",
    ),
    ('t2i a v1.5 cat --vary v1.5=,v2 | save "{axis.v1.5}.png"', "v1.5 without-v1.5 v2"),
    ('t2i a cat --negative "" --negative dark | save "{axis.negative}.png"', "without-negative dark"),
    ('t2i "a {cat|boat}" --dynamic=4 --seed 7 | save "{prompt}.png"', "a-boat a-boat-2 a-cat a-cat-2"),
    ('list "a cat" "a boat" as p | t2i @p* --seed 1,2 | save "{row}-{axis.seed}.png"', "1-1 1-2 2-1 2-2"),
    ('blur a.png b.png 1,2 | save "{axis.image}-{axis.radius}.png"', "a-1 a-2 b-1 b-2"),
    ('t2i a cat --seed 1,2 | blur 1,2 | collect --by radius | grid | save "{axis.seed}.png"', "1 2"),
    ('t2i a cat --guidance 2,3 --seed 1,2 --steps 2,3 | grid | save "{axis.guidance}.png"', "2 3"),
    (
        't2i a cat --seed 1,2 --steps 2,3 --width 64,72 --guidance 2,3 | grid | save "{axis.seed}-{axis.steps}.png"',
        "1-2 1-3 2-2 2-3",
    ),
)


CHOSEN = (
    # four of six cells: the rows are those of `seed`, the columns those of `steps`
    ("sweep seed=1,2 steps=2,3,4 --where 'seed == 1 or steps == 3' | t2i a cat", "{row}-{col}", "1-1 1-2 1-3 2-2"),
    ("sweep seed=1..4 steps=2,3 --limit 3 | t2i a cat", "{row}-{col}", "1-1 1-2 2-1"),
    ("sweep seed=5..8 steps=2,3 --where 'seed > 6' | t2i a cat", "{row}-{axis.steps}", "3-2 3-3 4-2 4-3"),
    # the last two axes are rows and columns
    ("sweep seed=1,2 steps=2,3 --where 'seed == 1 or steps == 3' | t2i a cat --guidance 2,3", "{axis.seed}-{row}-{col}",
     "1-1-1 1-1-2 1-2-1 1-2-2 2-2-1 2-2-2"),
    # axes that advance together are one axis
    ("sweep seed=1..3 steps=2..4 guidance=5,6 --zip seed,steps --where 'seed != 2 or guidance == 6' | t2i a cat",
     "{row}-{col}", "1-1 1-2 2-2 3-1 3-2"),
    ("sweep seed=1..5 --where 'seed > 2' | t2i a cat", "{row}-{col}", "1-1 1-2 1-3"),
)  # fmt: skip


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(("line", "name", "names"), CHOSEN, ids=[case[0] for case in CHOSEN])
def test_row_and_column_of_chosen_items_are_their_places_among_all_items(
    line: str, name: str, names: str, type_: TypeLine
) -> None:
    result = type_("-q", f'{line} | save "{name}.png"')
    assert result.err == ""
    assert result.out.split() == [f"{each}.png" for each in names.split()]


@pytest.fixture(autouse=True)
def images(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        Image.new("RGB", (8, 8), "red").save(tmp_path / name)


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(("line", "names"), NAMES, ids=[case[0] for case in NAMES])
def test_a_file_name_can_contain_the_values_of_the_axes(line: str, names: str, type_: TypeLine) -> None:
    result = type_("-q", line)
    assert result.err == ""
    assert result.out.split() == [f"{name}.png" for name in names.split()]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('t2i a cat --seed 1,2 | save "{axis.steps}.png"', "axis.steps"),
        ('t2i a cat --seed 1,2 | grid | save "{axis.seed}.png"', "axis.seed"),
        ('t2i a cat --seed 1 | save "{row}.png"', "row"),
        ('range 1 4 | iterate as n | t2i a cat --seed @n | save "{col}.png"', "col"),
    ],
)
def test_a_field_of_an_axis_that_the_image_does_not_have_is_refused_before_anything_runs(
    line: str, field: str, type_: TypeLine
) -> None:
    result = type_(line)
    assert result.status == 2
    assert f"has an unknown field `{field}`" in result.err


def test_the_error_about_an_unknown_field_lists_the_fields_of_the_axes(type_: TypeLine) -> None:
    result = type_('t2i a cat --seed 1,2 --steps 2,3 | save "{axis.sed}.png"')
    assert result.err.splitlines()[-1] == "  did you mean `axis.seed`?"
    result = type_('t2i a cat --seed 1,2 --steps 2,3 | save "{axis.mood}.png"')
    assert result.err.splitlines()[-1].startswith("  known fields: axis.seed, axis.steps, col, date, ")


SAME = (
    (
        "sweep seed=1..3 steps=2,3 --where 'seed == 1 or steps < 3' | t2i a cat | save \"{row}.png\"",
        "seed+steps",
        "seed",
    ),
    (
        "sweep seed=1,2 steps=2,3 --where 'seed + steps < 5' | t2i cat --clip-skip 0,1 | save \"{row}-{col}.png\"",
        "seed+steps",
        "seed",
    ),
    ('t2i a cat --seed 1,2 | save "{prompt}.png"', "seed", "seed"),
    ('t2i a cat --seed 1,2 --steps 2,3 | save "{seed}.png"', "steps", "steps"),
    ('t2i a cat --seed 1,2 --steps 2,3 | save "{row}.png"', "steps", "steps"),
    ('t2i a cat --seed 1,2 --steps 2,3 --zip seed,steps | save "{prompt}.png"', "seed+steps", "seed"),
    ('t2i a cat | blur 1,2 | save "{prompt}-{seed}.png"', "radius", "radius"),
    ('t2i a cat --seed 1,2 | i2i a dog --seed 5,6 | save "{seed}.png"', "t2i.seed", "t2i.seed"),
    ('t2i a cat --steps 2,3 | i2i a dog --steps 5,6 | save "{steps}-{axis.i2i.steps}.png"', "t2i.steps", "t2i.steps"),
)


@pytest.mark.parametrize(("line", "axis", "field"), SAME, ids=[case[0] for case in SAME])
def test_a_name_that_is_the_same_for_every_value_of_an_axis_is_refused(
    line: str, axis: str, field: str, type_: TypeLine
) -> None:
    result = type_(line)
    name = line.split('"')[1]
    assert result.status == 2
    assert result.err.startswith(f"error: the name `{name}` is the same for every value of `{axis}`\n")
    assert result.err.endswith(f"add `{{axis.{field}}}` or `{{index}}` to the name\n")


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize(
    "line",
    [
        't2i a cat --seed 1,2 --steps 2,3 | save "{seed}-{col}.png"',
        't2i a cat --seed 1,2 | save "a-{index}.png"',
        't2i a cat --seed 1,2 | i2i a dog --seed 5,6 --strength 0.5 | save "{axis.seed}-{seed}.png"',
        't2i a cat --seed 1,1 | save "{prompt}.png"',
        't2i a cat --seed 1,2 | save "{prompt}.png" --overwrite',
        't2i a cat --seed 1,2 --steps 2,3 --zip seed,steps | save "{steps}.png"',
        "sweep seed=1,2 steps=2,3 --where 'seed == 1 or steps < 3' | t2i a cat | save \"{seed}-{steps}.png\"",
        't2i --prompt "a cat" --prompt "a boat" | save "{prompt}.png"',
        't2i a red cat --vary red=blue | save "{prompt}.png"',
        "blur a.png b.png | save {stem}.png --overwrite",
    ],
)
def test_a_name_that_differs_between_the_values_of_each_axis_is_accepted(line: str, type_: TypeLine) -> None:
    assert type_("-q", line).status == 0


def test_a_name_that_is_the_same_along_two_axes_is_refused_once(type_: TypeLine) -> None:
    assert type_('t2i a cat --seed 1,2 --steps 2,3 | save "{prompt}.png"').err.splitlines()[::3] == [
        "error: the name `{prompt}.png` is the same for every value of `seed` and `steps`",
        "  add `{axis.seed}` and `{axis.steps}`, or `{index}` to the name",
    ]


def test_items_with_equal_values_in_their_names_are_named(type_: TypeLine, tmp_path: Path) -> None:
    (tmp_path / "j.csv").write_text("prompt,seed,name\na dog,3,r\na cat,1,p/q\na boat,2,p/q\n")
    alike = "error: the name `{axis.name}.png` is the same for items 2 and 3: both are `p/q`"
    hint = "  add `{axis.prompt}` or `{index}` to the name"
    for rest in ("", " --steps 2,3"):
        lines = type_(f"sweep j.csv | t2i{rest} | save {{axis.name}}.png").err.splitlines()
        assert (lines[0], lines[3]) == (alike, hint)
    assert lines[4] == "error: the name `{axis.name}.png` is the same for every value of `steps`"


def test_items_that_a_condition_keeps_are_named_if_their_names_are_equal(type_: TypeLine) -> None:
    line = "sweep seed=1,2 steps=2,3 --where 'seed == 1 or steps < 3' | t2i a cat | save \"{axis.seed}.png\""
    lines = type_(line).err.splitlines()
    assert lines[0] == "error: the name `{axis.seed}.png` is the same for items 1 and 2: both are `1`"
    assert lines[-1] == "  add `{axis.steps}` or `{index}` to the name"
