"""Words in the wrong place in a sweep, or values with spaces: each hint states what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.workflows.planning.sweeps.test_other_notations import check_hint, only_error
from workflows.workspace import Workspace

SPACES = "the values of `{}` are separated by commas, without spaces"
CASES = (  # a line, the message, the marked words, the hint, and the line after the hint was followed
    ("t2i a --seed 1 2 3", SPACES.format("seed"), "1 2 3", "write --seed 1,2,3", "t2i a --seed 1,2,3"),
    ("t2i a --seed=1 2", SPACES.format("seed"), "1 2", "write --seed 1,2", "t2i a --seed 1,2"),
    (
        "t2i a --steps 10, 20, 30",
        SPACES.format("steps"),
        "10, 20, 30",
        "write --steps 10,20,30",
        "t2i a --steps 10,20,30",
    ),
    ("t2i a --steps 10 , 20", SPACES.format("steps"), "10 , 20", "write --steps 10,20", "t2i a --steps 10,20"),
    ("blur cat.png 2, 4", SPACES.format("radius"), "2, 4", "write 2,4", "blur cat.png 2,4"),
    (
        "t2i a --steps = 10,20",
        SPACES.format("steps"),
        "10,20",
        "write --steps 10,20",
        "t2i a --steps 10,20",
    ),
    (
        'sweep "seed=1..4" | t2i a',
        "`seed=1..4` is in quotes",
        '"seed=1..4"',
        "write seed=1..4",
        "sweep seed=1..4 | t2i a",
    ),
    (
        "sweep n=1..4 | t2i a --seed @n",
        "there is no earlier stage `@n`",
        "@n",
        "did you mean `@1.n`?",
        "sweep n=1..4 | t2i a --seed @1.n",
    ),
    (
        "t2i a --scheduler euler, ddim",
        SPACES.format("scheduler"),
        "euler, ddim",
        "write --scheduler euler,ddim",
        "t2i a --scheduler euler,ddim",
    ),
    (
        "t2i a --scheduler euler ddim",
        SPACES.format("scheduler"),
        "euler ddim",
        "for several values, write --scheduler euler,ddim; the words of `prompt` are written before the options",
        "t2i a --scheduler euler,ddim",
    ),
    (
        't2i a --scheduler "euler,ddim"',
        "there is no scheduler `euler,ddim`",
        '"euler,ddim"',
        "to use several values, write euler,ddim without quotes",
        "t2i a --scheduler euler,ddim",
    ),
    (
        "t2i a --steps 1,2 --seed 3,4 --zip steps, seed",
        "the names after `--zip` are separated by commas, without spaces",
        "steps, seed",
        "write --zip steps,seed",
        "t2i a --steps 1,2 --seed 3,4 --zip steps,seed",
    ),
    (
        "t2i a fox --vary fox=cat, dog",
        SPACES.format("--vary"),
        "fox=cat, dog",
        "write --vary fox=cat,dog",
        "t2i a fox --vary fox=cat,dog",
    ),
    (
        't2i "a {b|c}" --dynamic 3',
        "`--dynamic` takes a number only after `=`",
        "3",
        "write --dynamic=3",
        't2i "a {b|c}" --dynamic=3',
    ),
    (
        "t2i --prompt a cat, a dog",
        "the value of `--prompt` has spaces, so it needs quotes",
        "a cat, a dog",
        'write --prompt "a cat, a dog"; for 2 values, write --prompt "a cat" --prompt "a dog"',
        't2i --prompt "a cat" --prompt "a dog"',
    ),
    (
        "t2i a fox --negative red blue",
        "the value of `--negative` has spaces, so it needs quotes",
        "red blue",
        'write --negative "red blue"',
        't2i a fox --negative "red blue"',
    ),
    (
        "t2i a cat --prompt a dog",
        "`prompt` is given twice: as words and with `--prompt`",
        "a cat",
        'for two values, write --prompt "a cat" --prompt "a dog"; otherwise, leave out one of them',
        't2i --prompt "a cat" --prompt "a dog"',
    ),
    (
        't2i --prompt "a cat","a dog"',
        'missing space after the closing "',
        ',"a',
        "for several values, write --prompt again before each one",
        't2i --prompt "a cat" --prompt "a dog"',
    ),
    (
        'sweep prompt="a cat","a dog" | t2i',
        'missing space after the closing "',
        ',"a',
        'separate the values with a space: prompt="a cat" ...',
        'sweep prompt="a cat" "a dog" | t2i',
    ),
    (
        "sweep prompt=a cat, a dog | t2i",
        "values of `prompt` with spaces need quotes",
        "a cat, a dog",
        'write prompt="a cat" "a dog"',
        'sweep prompt="a cat" "a dog" | t2i',
    ),
    (
        "sweep scheduler=euler, ddim | t2i a",
        "the values of `scheduler` are separated by commas",
        "ddim",
        "write scheduler=euler,ddim",
        "sweep scheduler=euler,ddim | t2i a",
    ),
    (
        "sweep seed=1..4 and steps=1,2 | t2i a",
        "the values of `seed` are separated by commas",
        "and",
        "write the values right after the `=`",
        "sweep seed=1..4 steps=1,2 | t2i a",
    ),
    (
        "sweep seed=1..4 --where seed > 2 | t2i a",
        "an expression with spaces needs quotes",
        "seed > 2",
        'write --where "seed > 2"',
        'sweep seed=1..4 --where "seed > 2" | t2i a',
    ),
    (
        "sweep seed=1..4 steps=1..4 --zip seed, steps | t2i a",
        "the names after `--zip` are separated by commas, without spaces",
        "seed, steps",
        "write --zip seed,steps",
        "sweep seed=1..4 steps=1..4 --zip seed,steps | t2i a",
    ),
    (
        "sweep seed=1..4 t2i a fox",
        "no stage follows `sweep`, so nothing uses its values",
        "sweep",
        "write `|` before `t2i`",
        "sweep seed=1..4 | t2i a fox",
    ),
    (
        "sweep seed=1..4 | sweep steps=1,2 | t2i a",
        "`sweep` must be the first stage of a line",
        "sweep",
        "add its names to the first `sweep`",
        "sweep seed=1..4 steps=1,2 | t2i a",
    ),
    (
        "sweep seed=1..2 i2i.sed=3,4 | t2i a | i2i b",
        "no stage uses `i2i.sed`",
        "i2i.sed",
        "did you mean `i2i.seed` or `t2i.seed`?",
        "sweep seed=1..2 i2i.seed=3,4 | t2i a | i2i b",
    ),
    (
        "t2i a --seed 1,2 --steps 3,4 --zip seed+steps",
        "the names after `--zip` are separated by commas, without spaces",
        "seed+steps",
        "write --zip seed,steps",
        "t2i a --seed 1,2 --steps 3,4 --zip seed,steps",
    ),
    (
        "t2i a --seed 1,2 --steps 3,4 | collect --by seed, steps",
        SPACES.format("by"),
        "seed, steps",
        "write --by seed,steps",
        "t2i a --seed 1,2 --steps 3,4 | collect --by seed,steps",
    ),
    (
        "t2i a fox --vary fox cat",
        "`--vary` takes a word and its replacements, such as red=blue,green",
        "fox",
        "write --vary fox=cat",
        "t2i a fox --vary fox=cat",
    ),
    (
        "t2i a --steps 10..50?",
        "the number of items is missing",
        "",
        "write for example 10..50?4",
        "t2i a --steps 10..50?4",
    ),
    (
        "blur cat.png,cat.png",
        "no file matches `cat.png,cat.png`",
        "cat.png,cat.png",
        "write the paths with spaces between them: cat.png cat.png",
        "blur cat.png cat.png",
    ),
    (
        "sweep seed=1..4 steps 1,2 | t2i a",
        "the values of `steps` follow the `=` without a space",
        "steps 1,2",
        "write steps=1,2",
        "sweep seed=1..4 steps=1,2 | t2i a",
    ),
)
IDS = [case[0] for case in CASES]


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=IDS)
def test_the_error_for_words_in_the_wrong_place_states_what_to_write(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    check_hint(workspace, line, message, marked, hint, mended)


def test_words_that_are_not_values_are_not_joined(workspace: Workspace, cat: Path) -> None:
    error = only_error(workspace, "t2i a --seed 1 fox")
    assert error.message == "`t2i` has no input for `fox`"
    assert only_error(workspace, "blur cat.png 2 4").hint == "it takes one positional argument: RADIUS"


def test_a_note_says_that_several_quoted_strings_form_one_text(workspace: Workspace) -> None:
    note = "2 quoted strings form one text; to keep them separate, write the option before each of them"
    assert workspace.plan('t2i "a cat" "a dog"').notes == (note,)
    assert workspace.plan('t2i "a cat"').notes == ()


def test_a_note_says_that_the_words_are_several_prompts_of_a_sweep(workspace: Workspace) -> None:
    note = '`prompt` has 2 values, one for each word; for a single one, write prompt="a cat"'
    assert workspace.plan("sweep prompt=a cat | t2i").notes == (note,)
    assert workspace.plan('sweep prompt="a cat" dog | t2i').notes == ()


def test_a_note_says_that_a_word_with_several_values_was_taken_as_text(workspace: Workspace) -> None:
    note = "`steps=10,20` was taken as text: for several values of an input, write --steps 10,20"
    assert workspace.plan("t2i a fox steps=10,20").notes == (note,)
    assert workspace.plan("t2i a fox --steps 10,20").notes == ()
    assert workspace.plan("t2i a sign with E=mc2 and x=1").notes == ()
