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
    first, again = (type_("explain", plan, "--json").out for _ in range(2))
    assert first == again


def test_a_name_that_a_recipe_inserts_into_a_string_takes_one_value(type_: TypeLine) -> None:
    result = type_("sweep seed=1,2 what='a cat' 'a boat' | poster | grid")
    assert result.status == 2
    assert result.err.startswith("error: no stage uses `what`: `poster` inserts `what` into a string\n")
    hint = "  only one value can be inserted; in the recipe, write `${what}` as a whole value\n"
    assert result.err.endswith(hint)


def test_the_hint_for_an_inserted_name_works(type_: TypeLine) -> None:
    assert type_("recipe", "save", "plain", "t2i ${what} --seed ${seed=7}").status == 0
    result = type_("-q", "sweep seed=1,2 what='a cat' 'a boat' | plain | save '{prompt}-{seed}.png'")
    assert result.out.split() == ["a-cat-1.png", "a-boat-1.png", "a-cat-2.png", "a-boat-2.png"]


@pytest.mark.parametrize("line", ["t2i a fox --steps 3x", "poster a fox --seed 0x"])
def test_other_inputs_still_draw_no_random_seeds(type_: TypeLine, line: str) -> None:
    assert type_(line + " | grid").status == 2
