"""Values in the notation of another language, or with spaces: each hint states what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import LanguageError, Refusal
from workflows.workspace import Workspace

WHOLE = "`seed` takes a whole number, not `{}`"
SPACES = "the values of `{}` are separated by commas, without spaces"
BRACKETS = "the values of `seed` are written without brackets"
CASES = (  # a line, the message, the marked words, the hint, and the line after the hint was followed
    ("t2i a --seed 1-8", WHOLE.format("1-8"), "1-8", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed 1:8", WHOLE.format("1:8"), "1:8", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed 1–8", WHOLE.format("1–8"), "1–8", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed 1-8,10", WHOLE.format("1-8"), "1-8", "write 1..8", "t2i a --seed 1..8,10"),
    ("t2i a --seed x4", WHOLE.format("x4"), "x4", "write 4x", "t2i a --seed 4x"),
    ("t2i a --seed *4", WHOLE.format("*4"), "*4", "write 4x", "t2i a --seed 4x"),
    ("t2i a --seed 1;2;3", WHOLE.format("1;2;3"), "1;2;3", "write 1,2,3", "t2i a --seed 1,2,3"),
    ('t2i a --seed "1 2"', WHOLE.format("1 2"), '"1 2"', "write 1,2", "t2i a --seed 1,2"),
    ("t2i a --seed 1...8", "`1...8` is not a range", "1...8", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed 1..9..2", "`1..9..2` is not a range", "1..9..2", "write 1..9:2", "t2i a --seed 1..9:2"),
    ("t2i a --seed 1..8:", "`1..8:` is not a range", "1..8:", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed [1,2]", BRACKETS, "[1,2]", "write 1,2", "t2i a --seed 1,2"),
    ("t2i a --seed range(1,8)", BRACKETS, "range(1,8)", "write 1..8", "t2i a --seed 1..8"),
    ("sweep seed=(1,2) | t2i a", BRACKETS, "(1,2)", "write 1,2", "sweep seed=1,2 | t2i a"),
    ("t2i a --seed 1..8,", "a value of `seed` is missing after the comma", ",", "write 1..8", "t2i a --seed 1..8"),
    ("t2i a --seed ,1,2", "a value of `seed` is missing before the comma", ",", "write 1,2", "t2i a --seed 1,2"),
    (
        "t2i a --scheduler euler,",
        "a value of `scheduler` is missing after the comma",
        ",",
        "write euler",
        "t2i a --scheduler euler",
    ),
    (
        "t2i a --guidance 3..9:",
        "`3..9:` is not a range",
        "3..9:",
        "write 3..9:1 (a step) or 3..9/7 (how many)",
        "t2i a --guidance 3..9:1",
    ),
    (
        "t2i a --guidance 3-9",
        "`guidance` takes a number, not `3-9`",
        "3-9",
        "write 3..9:1 (a step) or 3..9/7 (how many)",
        "t2i a --guidance 3..9/7",
    ),
    (
        "t2i a --steps 20-10",
        "`steps` takes a whole number, not `20-10`",
        "20-10",
        "write 10..20, or 20..10:-1 to count down",
        "t2i a --steps 20..10:-1",
    ),
    (
        "t2i a --seed random",
        WHOLE.format("random"),
        "random",
        "leave --seed out for a random seed, or write 4x for four of them",
        "t2i a --seed 4x",
    ),
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
        "sweep seed=1..4 steps 1,2 | t2i a",
        "the values of `steps` follow after `=`, without spaces",
        "steps 1,2",
        "write steps=1,2",
        "sweep seed=1..4 steps=1,2 | t2i a",
    ),
)
IDS = [case[0] for case in CASES]


def only_error(workspace: Workspace, line: str) -> LanguageError:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    (error,) = caught.value.errors
    return error


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=IDS)
def test_a_value_in_another_notation_is_refused_with_what_to_write(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    error = only_error(workspace, line)
    assert (error.message, line[error.span.start : error.span.end], error.hint) == (message, marked, hint)
    assert workspace.plan(mended).nodes


@pytest.mark.parametrize("value", ["x", "1-", "-1-8", "8x8", "1,x", "a-b", "10_000", "--", "1-8-9"])
def test_no_hint_is_made_up_for_other_values(workspace: Workspace, value: str) -> None:
    error = only_error(workspace, f"t2i a --seed={value}")
    assert error.hint is None or not error.hint.startswith("write")


def test_seeds_are_not_proposed_for_an_input_that_takes_none(workspace: Workspace) -> None:
    assert only_error(workspace, "t2i a --steps x4").hint is None


def test_a_value_that_would_be_out_of_range_is_not_proposed(workspace: Workspace) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan("t2i a --steps [0,2]")
    assert [error.hint for error in caught.value.errors] == [None, None]


def test_words_that_are_no_values_are_not_joined(workspace: Workspace, cat: Path) -> None:
    error = only_error(workspace, "t2i a --seed 1 fox")
    assert error.message == "`t2i` has no input for `fox`"
    assert only_error(workspace, "blur cat.png 2 4").hint == "it takes one positional argument: RADIUS"


def test_quoted_strings_that_form_one_text_are_noted(workspace: Workspace) -> None:
    note = "2 quoted strings form one text; for several texts, write the option before each of them"
    assert workspace.plan('t2i "a cat" "a dog"').notes == (note,)
    assert workspace.plan('t2i "a cat"').notes == ()


def test_words_that_are_several_prompts_of_a_sweep_are_noted(workspace: Workspace) -> None:
    note = '`prompt` has 2 values, one for each word; for a single one, write prompt="a cat"'
    assert workspace.plan("sweep prompt=a cat | t2i").notes == (note,)
    assert workspace.plan('sweep prompt="a cat" dog | t2i').notes == ()
