"""Values and names of a sweep in the wrong place, or with misplaced commas or quotes: a line with the hint works."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.planning.sweeps.test_other_notations import check_hint
from workflows.workspace import Workspace

QUOTES = "values of `prompt` with spaces need quotes"
SPACES = "the names of a sweep are separated by spaces, not by commas"
VARY = "the value of `--vary` has spaces, so it needs quotes"
TWICE = "`prompt` is given twice: as words and with `--prompt`"
SHORT = "`--zip-short` needs the names to zip"
CASES = (  # a line, the message, the marked words, the hint, and the line after the hint was followed
    (
        "sweep prompt=a cat,a dog | t2i",
        QUOTES,
        "a cat,a dog",
        'write prompt="a cat" "a dog"',
        'sweep prompt="a cat" "a dog" | t2i',
    ),
    (
        'sweep prompt="a, b" cat,dog e | t2i',
        QUOTES,
        '"a, b" cat,dog e',
        'write prompt="a, b" "cat" "dog e"',
        'sweep prompt="a, b" "cat" "dog e" | t2i',
    ),
    (
        "sweep seed=1..3,steps=2,3 | t2i a",
        SPACES,
        ",",
        "write seed=1..3 steps=2,3",
        "sweep seed=1..3 steps=2,3 | t2i a",
    ),
    (
        "sweep prompt=a,steps=2,seed=4x | t2i",
        SPACES,
        ",",
        "write prompt=a steps=2 seed=4x",
        "sweep prompt=a steps=2 seed=4x | t2i",
    ),
    (
        "t2i a red boat --vary red='light blue',green",
        VARY,
        "red='light blue',green",
        'write --vary "red=light blue,green"',
        't2i a red boat --vary "red=light blue,green"',
    ),
    (
        "t2i a red boat --vary red='light blue'",
        VARY,
        "red='light blue'",
        'write --vary "red=light blue"',
        't2i a red boat --vary "red=light blue"',
    ),
    (
        "sweep seed=1..3 steps=2,3 --zip-short | t2i a",
        SHORT,
        "--zip-short",
        "write --zip-short seed,steps",
        "sweep seed=1..3 steps=2,3 --zip-short seed,steps | t2i a",
    ),
    (
        "t2i a --seed 1,2 | i2i b --seed 3,4 --zip t2i.seed,seed",
        "`i2i` has no axis `t2i.seed`: its axes are `seed`",
        "t2i.seed",
        (
            "declare axes of several stages at the start of the line: "
            "sweep t2i.seed=A,B i2i.seed=A,B --zip t2i.seed,i2i.seed |"
        ),
        "sweep t2i.seed=1,2 i2i.seed=3,4 --zip t2i.seed,i2i.seed | t2i a | i2i b",
    ),
    (
        "t2i a --seed 1,2 --steps 2,3 --zip t2i.seed,t2i.steps",
        "in a stage, `--zip` takes the names of its axes without `t2i.`",
        "t2i.seed",
        "write --zip seed,steps",
        "t2i a --seed 1,2 --steps 2,3 --zip seed,steps",
    ),
    (
        't2i a red boat --prompt "a cat" --prompt "a dog, at night"',
        TWICE,
        "a red boat",
        (
            'for 3 values, write --prompt "a red boat" --prompt "a cat" --prompt "a dog, at night"; otherwise, '
            "leave out some of them"
        ),
        't2i --prompt "a red boat" --prompt "a cat" --prompt "a dog, at night"',
    ),
    (
        't2i --prompt "a cat" "a dog"',
        TWICE,
        '"a dog"',
        'for two values, write --prompt "a cat" --prompt "a dog"; otherwise, leave out one of them',
        't2i --prompt "a cat" --prompt "a dog"',
    ),
    (
        "t2i a --guidance 2..8 step 2",
        "a range is written without spaces",
        "2..8 step 2",
        "write --guidance 2..8:2",
        "t2i a --guidance 2..8:2",
    ),
    (
        "t2i a --seed 1,2 --steps 2,3 | collect --by sead | grid | save a.png",
        "there is no axis `sead` to close: the items have only `seed` and `steps`",
        "sead",
        "did you mean `seed`?",
        "t2i a --seed 1,2 --steps 2,3 | collect --by seed | grid | save a-{index}.png",
    ),
    (
        "t2i a --seed 1,2 --steps 2,3 | grid --rows sed | save a.png",
        "there is no axis `sed`",
        "sed",
        "did you mean `seed`?",
        "t2i a --seed 1,2 --steps 2,3 | grid --rows seed | save a.png",
    ),
    (
        "t2i a --seed 4 x",
        "`t2i` has no input for `x`",
        "x",
        "for 4 random seeds, write --seed 4x",
        "t2i a --seed 4x",
    ),
    (
        "t2i a --seed 4 > a.png",
        "`t2i` has no input for `>`",
        ">",
        "to save the image, write: | save FILE",
        "t2i a --seed 4 | save a.png",
    ),
    (
        "t2i a --seed 1..4 | save x-<seed>.png",
        "each image of the sweep would be saved as `x-<seed>.png`",
        "x-<seed>.png",
        "write a template, such as `x-{seed}.png`",
        "t2i a --seed 1..4 | save x-{seed}.png",
    ),
    (
        "sweep seed=1..4 steps=2,3 --where 'seed > 1' --where 'steps < 3' | t2i a",
        "`--where` is given twice",
        "--where",
        'write --where "(seed > 1) and (steps < 3)"',
        'sweep seed=1..4 steps=2,3 --where "(seed > 1) and (steps < 3)" | t2i a',
    ),
)


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=[case[0] for case in CASES])
def test_a_hint_states_where_commas_and_quotes_belong(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    check_hint(workspace, line, message, marked, hint, mended)


def test_a_string_may_contain_the_name_of_another_axis(workspace: Workspace) -> None:
    assert workspace.plan('sweep prompt="a,steps=2" | t2i').nodes
    assert workspace.plan("sweep word=a,b=2 | t2i --prompt @1.word").nodes


@pytest.mark.parametrize("options", ["--zip-short seed,steps", "--zip seed,steps --zip-short"])
def test_a_sweep_can_cut_zipped_names_with_both_forms_of_an_option(workspace: Workspace, options: str) -> None:
    axes = workspace.plan(f"sweep seed=1..3 steps=2,3 {options} | t2i a").axes
    assert [(axis.name, len(axis.values)) for axis in axes] == [("seed+steps", 2)]


def test_quotes_around_single_replacements_are_not_part_of_them(workspace: Workspace) -> None:
    axes = workspace.plan("t2i a red boat --vary red='blue',\"green\"").axes
    assert [axis.values for axis in axes] == [["red", "blue", "green"]]
