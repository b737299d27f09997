"""Completion of axis names, of each of several values, and of the options of templates."""

from __future__ import annotations

import pytest

from tests.workflows.completion.offers import about, offered
from workflows.completion.context import CompletionContext

SWEEP = "t2i a fox --seed 1..8 --steps 10,20"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (f"{SWEEP} | grid --rows ^", ["seed", "steps"]),
        (f"{SWEEP} | grid --rows st^", ["steps"]),
        (f"{SWEEP} | grid --rows=^", ["seed", "steps"]),
        (f"{SWEEP} | grid --columns se^", ["seed"]),
        (f"{SWEEP} | collect | grid --rows ^", ["seed", "steps"]),
        (f"{SWEEP} | i2i b --steps 3,4 | grid --rows ^", ["seed", "steps", "i2i.steps"]),
        ("sweep seed=1..4 steps=1,2 | t2i a | grid --rows ^", ["seed", "steps"]),
        ("t2i a fox | grid --rows ^", []),
        (f"{SWEEP} | collect --by ^", ["seed", "steps"]),
        (f"{SWEEP} | collect --by seed,^", ["steps"]),
        (f"{SWEEP} --zip ^", ["steps", "seed"]),
        (f"{SWEEP} --zip seed,^", ["steps"]),
        (f"{SWEEP} --zip-short st^", ["steps"]),
        (f"{SWEEP} | save {{ax^", ["{axis.seed}", "{axis.steps}"]),
        (f"{SWEEP} | save a-{{axis.st^", ["{axis.steps}"]),
        (f"{SWEEP} | save --target {{axis.seed}}-{{axis.st^", ["{axis.steps}"]),
    ],
)
def test_the_axes_of_a_sweep_are_offered_where_an_axis_can_be_named(
    text: str, names: list[str], context: CompletionContext
) -> None:
    assert offered(text, context) == names


def test_an_axis_is_described_by_its_values(context: CompletionContext) -> None:
    assert about(f"{SWEEP} | grid --rows ^", "seed", context) == "1, 2, 3, 4, ..."
    assert about(f"{SWEEP} | grid --rows ^", "steps", context) == "10, 20"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("t2i a --scheduler euler,^", "ddim"),
        ("t2i a --scheduler euler,dd^", "ddim"),
        ("t2i a --model default,^", "portraits"),
        ("t2i a --model=default,po^", "portraits"),
        ("sweep model=default,po^", "portraits"),
        ("t2i a --tiled=yes,^", "no"),
        ("load a.png | blur 1..^", "2"),
    ],
)
def test_after_a_comma_or_inside_a_range_the_choices_are_offered_again(
    text: str, word: str, context: CompletionContext
) -> None:
    assert word in offered(text, context)


def test_outside_a_template_field_a_file_name_is_completed_as_usual(context: CompletionContext) -> None:
    assert offered(f"{SWEEP} | save ou^", context) == ["out/"]
    assert offered(f"{SWEEP} | save out/{{axis.seed}}^", context) == []


def test_options_of_templates_are_completed(context: CompletionContext) -> None:
    assert offered("t2i a --dyn^", context) == ["--dynamic"]
    assert offered("dynamic a --wild^", context) == ["--wildcards"]


@pytest.mark.parametrize("text", ["t2i a --dynamic --wildcards ^", "dynamic a --wildcards o^", "blur --wildcards ^"])
def test_folders_are_offered_for_wildcards(text: str, context: CompletionContext) -> None:
    assert offered(text, context) == ["out/"]
