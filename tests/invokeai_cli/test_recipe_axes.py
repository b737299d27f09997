"""Sweeps over the inputs of recipes: seeds with a default, and words inserted into a string."""

from __future__ import annotations

import pytest

from tests.invokeai_cli.conftest import TypeLine


@pytest.fixture(autouse=True)
def poster(type_: TypeLine, scripted: None) -> None:
    assert type_("recipe", "save", "poster", "t2i a poster of ${what} --seed ${seed=7}").status == 0


@pytest.mark.parametrize("line", ["poster a boat --seed 3x", "sweep seed=3x | poster a boat"])
def test_random_seeds_can_be_drawn_for_a_seed_with_a_default(type_: TypeLine, line: str) -> None:
    result = type_("-q", line + ' | save "p-{seed}.png"')
    assert (result.status, result.err, len(set(result.out.split()))) == (0, "", 3)


def test_without_a_seed_the_default_of_the_recipe_is_used(type_: TypeLine) -> None:
    assert type_("-q", 'poster a boat | save "p-{seed}.png"').out == "p-7.png\n"


def test_random_guidance_values_are_determined_by_the_seed_of_a_recipe(type_: TypeLine) -> None:
    line = "t2i ${what} --seed ${seed=7} --guidance ${guidance=5}"
    assert type_("recipe", "save", "guided", line).status == 0
    plan = "guided fox --seed 3 --guidance 2..12?3 | grid"
    values, again = (type_("explain", plan, "--json").document["values"] for _ in range(2))
    assert values == again
    (scales,) = [each["value"] for each in values if each["node"] == "1.list"]
    assert len(set(scales)) == 3


SWEEP = "sweep seed=1,2 what='a cat' 'a boat' | {} | save '{{prompt}}-{{seed}}.png'"


def test_a_sweep_fills_an_input_that_a_recipe_inserts_into_a_string(type_: TypeLine) -> None:
    result = type_("-q", SWEEP.format("poster"))
    names = ["a-poster-of-a-cat-1", "a-poster-of-a-boat-1", "a-poster-of-a-cat-2", "a-poster-of-a-boat-2"]
    assert result.out.split() == [f"{name}.png" for name in names]
    shown = type_("line", "a-poster-of-a-boat-2.png").out
    assert shown.startswith('t2i "a poster of a boat" ')
    assert "--seed 2" in shown


def test_a_sweep_fills_an_input_that_is_the_whole_value(type_: TypeLine) -> None:
    assert type_("recipe", "save", "plain", "t2i ${what} --seed ${seed=7}").status == 0
    result = type_("-q", SWEEP.format("plain"))
    assert result.out.split() == ["a-cat-1.png", "a-boat-1.png", "a-cat-2.png", "a-boat-2.png"]


def test_a_sweep_fills_such_an_input_of_a_recipe_within_a_recipe(type_: TypeLine) -> None:
    assert type_("recipe", "save", "pair", "poster ${a} and ${b=a dog} | blur 2").status == 0
    result = type_("-q", "sweep a=cat,boat | pair | save '{axis.a}.png'")
    assert result.out.split() == ["cat.png", "boat.png"]
    assert '"a poster of boat and a dog"' in type_("line", "boat.png").out


def test_a_reference_fills_an_input_that_a_recipe_inserts_into_a_string(type_: TypeLine) -> None:
    assert type_("-q", "list cat boat as c | poster --what @c* | save '{axis.what}.png'").out.split() == [
        "cat.png",
        "boat.png",
    ]


@pytest.mark.parametrize(
    ("recipe", "line", "names"),
    [
        ('t2i a fox --steps ${n=2} | save "n-${n}.png"', "own --n 2,3", "n-2 n-3"),
        ('t2i a fox --guidance ${n=2} | save "n-${n}.png"', "sweep n=2.0,7.5 | own", "n-2 n-7.5"),
        ('t2i a fox --seed ${n} | save "n-${n}.png"', "own --n 3445206483,4", "n-3445206483 n-4"),
        ('t2i a fox --scheduler ${n=ddim} | save "n-${n}.png"', "own --n ddim,euler_a", "n-ddim n-euler_a"),
        ('t2i a fox --tiled=${n=yes} | save "n-${n}.png"', "own --n=yes,no", "n-yes n-no"),
        ('t2i a fox --tiled=${n=yes} | save "n-${n}.png"', "own --no-n", "n-no"),
    ],
)
def test_values_that_are_no_strings_are_inserted_as_they_are_written(
    type_: TypeLine, recipe: str, line: str, names: str
) -> None:
    assert type_("recipe", "save", "own", recipe).status == 0
    assert type_("-q", line).out.split() == [f"{name}.png" for name in names.split()]


@pytest.mark.parametrize("line", ["t2i a fox --steps 3x", "poster a fox --seed 0x"])
def test_other_inputs_still_draw_no_random_seeds(type_: TypeLine, line: str) -> None:
    assert type_(line + " | grid").status == 2
