"""Values in the notation of another language, or with spaces: each hint says what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.language.errors import LanguageError, Refusal
from workflows.workspace import Workspace

WHOLE = "`seed` takes a whole number, not `{}`"
BRACKETS = "the values of `seed` are written without brackets"
SPACES = "a range is written without spaces"
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
        "i2i cat.png a --strength .2-.8",
        "`strength` takes a number, not `.2-.8`",
        ".2-.8",
        "write 0.2..0.8:0.1 (a step) or 0.2..0.8/7 (how many)",
        "i2i cat.png a --strength 0.2..0.8:0.1",
    ),
    (
        "i2i cat.png a --strength .2...8",
        "the range `.2...8` needs a step or a count",
        ".2...8",
        "write .2...8:0.1 (a step) or .2...8/7 (how many)",
        "i2i cat.png a --strength .2...8:0.1",
    ),
    (
        "scale cat.png 2x",
        "`2x` draws random seeds, but `factor` is not a seed",
        "2x",
        "for a single value, write 2; to draw numbers from a range, write for example 1..50?2",
        "scale cat.png 2",
    ),
    (
        'sweep seed="1..4" | t2i a',
        WHOLE.format("1..4"),
        '"1..4"',
        "to use several values, write 1..4 without quotes",
        "sweep seed=1..4 | t2i a",
    ),
    (
        "t2i a --steps 20-10",
        "`steps` takes a whole number, not `20-10`",
        "20-10",
        "write 10..20, or 20..10:-1 to count down",
        "t2i a --steps 20..10:-1",
    ),
    (
        "t2i a --steps 10-20-30",
        "`steps` takes a whole number, not `10-20-30`",
        "10-20-30",
        "write 10,20,30",
        "t2i a --steps 10,20,30",
    ),
    (
        "t2i a --guidance 3,5,x",
        "`guidance` takes a number, not `x`",
        "x",
        "leave it out (3,5), or write a number in its place",
        "t2i a --guidance 3,5",
    ),
    (
        "t2i a --seed -3..3",
        "`seed` must be 0 to 18446744073709551615, not -3",
        "-3..3",
        "write 0..3",
        "t2i a --seed 0..3",
    ),
    ("t2i a --steps 0..10:2", "`steps` must be 1 to 1000, not 0", "0..10:2", "write 2..10:2", "t2i a --steps 2..10:2"),
    (
        "t2i a --guidance 50..200/4",
        "`guidance` must be 0 to 100, not 200",
        "50..200/4",
        "write 50..100/4",
        "t2i a --guidance 50..100/4",
    ),
    ("t2i a --seed 1..8 by 2", SPACES, "1..8 by 2", "write --seed 1..8:2", "t2i a --seed 1..8:2"),
    ("t2i a --seed 1 to 8 | grid", SPACES, "1 to 8", "write --seed 1..8", "t2i a --seed 1..8 | grid"),
    ("t2i a --seed 1 .. 8 step 2", SPACES, "1 .. 8 step 2", "write --seed 1..8:2", "t2i a --seed 1..8:2"),
    ("sweep seed=1 to 8 | t2i a", SPACES, "1 to 8", "write seed=1..8", "sweep seed=1..8 | t2i a"),
    (
        "t2i a --guidance 3 to 9",
        SPACES,
        "3 to 9",
        "write --guidance 3..9:1 (a step) or 3..9/7 (how many)",
        "t2i a --guidance 3..9:1",
    ),
    (
        "blur cat.png 1 to 4",
        SPACES,
        "1 to 4",
        "write 1..4:1 (a step) or 1..4/4 (how many)",
        "blur cat.png 1..4/4",
    ),
    (
        "t2i a --seed random",
        WHOLE.format("random"),
        "random",
        "leave --seed out for a random seed, or write 4x for four of them",
        "t2i a --seed 4x",
    ),
)
IDS = [case[0] for case in CASES]


def only_error(workspace: Workspace, line: str) -> LanguageError:
    with pytest.raises(Refusal) as caught:
        workspace.plan(line)
    (error,) = caught.value.errors
    return error


def check_hint(workspace: Workspace, line: str, message: str, marked: str, hint: str, mended: str) -> None:
    """Check the only error in a line, and that the line which follows the hint can be planned."""
    error = only_error(workspace, line)
    assert (error.message, error.hint) == (message, hint)
    assert line[error.span.start : error.span.end] == marked
    assert workspace.plan(mended).nodes


@pytest.mark.parametrize(("line", "message", "marked", "hint", "mended"), CASES, ids=IDS)
def test_the_error_for_a_value_in_another_notation_says_what_to_write(
    workspace: Workspace, cat: Path, line: str, message: str, marked: str, hint: str, mended: str
) -> None:
    check_hint(workspace, line, message, marked, hint, mended)


@pytest.mark.parametrize("value", ["x", "1-", "-1-8", "8x8", "1,x", "a-b", "10_000", "--"])
def test_no_value_is_proposed_for_text_in_an_unknown_notation(workspace: Workspace, value: str) -> None:
    error = only_error(workspace, f"t2i a --seed={value}")
    assert error.hint is None or not error.hint.startswith("write")


def test_a_step_after_a_single_value_is_no_range(workspace: Workspace) -> None:
    assert only_error(workspace, "t2i a --seed 1 by 2").message == "`t2i` has no input for `by`"


def test_seeds_are_not_proposed_for_an_input_that_takes_none(workspace: Workspace) -> None:
    assert only_error(workspace, "t2i a --steps x4").hint is None


def test_a_value_that_would_be_out_of_range_is_not_proposed(workspace: Workspace) -> None:
    with pytest.raises(Refusal) as caught:
        workspace.plan("t2i a --steps [0,2]")
    assert [error.hint for error in caught.value.errors] == [None, None]


def test_the_hint_for_a_negative_seed_is_not_a_range(workspace: Workspace) -> None:
    assert only_error(workspace, "t2i a --seed -1").hint == "leave --seed out for a random seed"
    assert only_error(workspace, "t2i a --seed -3..-1").hint == "leave --seed out for a random seed"
