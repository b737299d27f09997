"""The errors of sweep lines, each with its whole text."""

from __future__ import annotations

from typing import Any

import pytest

REFUSED = {
    "sweep": (
        "error: `sweep` needs at least one name with values\n"
        "  sweep\n"
        "  ^^^^^\n"
        "  write for example seed=1..4, or the path of a CSV, TSV or JSONL file"
    ),
    "sweep seed=1..4": (
        "error: no stage follows `sweep`, so nothing uses its values\n"
        "  sweep seed=1..4\n"
        "  ^^^^^\n"
        "  write for example `sweep seed=1..4 | t2i a fox`"
    ),
    "t2i a fox | sweep seed=1..4": (
        "error: `sweep` must be the first stage of a line\n"
        "  t2i a fox | sweep seed=1..4\n"
        "              ^^^^^\n"
        "  write it before the first `|`"
    ),
    "sweep seed=8..1 | t2i a fox": (
        "error: the range `8..1` is empty\n"
        "  sweep seed=8..1 | t2i a fox\n"
        "             ^^^^\n"
        "  write 1..8, or 8..1:-1 to count down"
    ),
    "sweep seed=1,x | t2i a fox": (
        "error: `seed` takes a whole number, not `x`\n"
        "  sweep seed=1,x | t2i a fox\n"
        "               ^\n"
        "  leave it out (1), or write a number in its place"
    ),
    "sweep sed=1..4 | t2i a fox": (
        "error: no stage uses `sed`\n  sweep sed=1..4 | t2i a fox\n        ^^^\n  did you mean `seed`?"
    ),
    "sweep seed=1..4 | t2i a fox --seed 7": (
        "error: no stage uses `seed`: `t2i` has `--seed 7`\n"
        "  sweep seed=1..4 | t2i a fox --seed 7\n"
        "        ^^^^\n"
        "  leave out `--seed 7`, or `seed` after `sweep`"
    ),
    "sweep se=1,2 seed=1..2 --where 'seed > 0' | t2i a fox | save {axis.seed}.png": (
        "error: no stage uses `se`\n"
        "  sweep se=1,2 seed=1..2 --where 'seed > 0' | t2i a fox | save {axis.seed}.png\n"
        "        ^^\n"
        "  the stages take `prompt`, `negative`, `model`, `steps`, `seed`, `image`, `target`"
    ),
    "sweep items=1,2 | list": (
        "error: `items` takes list of anything, which cannot be swept\n  sweep items=1,2 | list\n        ^^^^^"
    ),
    "sweep seed=1..3 4 | t2i a fox": (
        "error: the values of `seed` are separated by commas\n"
        "  sweep seed=1..3 4 | t2i a fox\n"
        "                  ^\n"
        "  write seed=1..3,4"
    ),
    "sweep seed=@1 | t2i a fox": (
        "error: `sweep` takes values, not references\n"
        "  sweep seed=@1 | t2i a fox\n"
        "             ^^\n"
        "  write it in the stage that uses it: t2i --seed @1"
    ),
    "sweep seed=1..3 steps=4 --zip seed | t2i a fox": (
        "error: `--zip` needs at least two names\n"
        "  sweep seed=1..3 steps=4 --zip seed | t2i a fox\n"
        "                                ^^^^\n"
        "  write for example --zip seed,steps"
    ),
    "sweep seed=1..3 steps=4 --zip seed,step | t2i a fox": (
        "error: the sweep does not declare the name `step`\n"
        "  sweep seed=1..3 steps=4 --zip seed,step | t2i a fox\n"
        "                                     ^^^^\n"
        "  did you mean `steps`?"
    ),
    "sweep seed=1..3 steps=4,5 --zip seed,steps | t2i a fox": (
        "error: `seed` has 3 values, but `steps` has 2 values\n"
        "  sweep seed=1..3 steps=4,5 --zip seed,steps | t2i a fox\n"
        "                                  ^^^^^^^^^^\n"
        "  write the same number of values, or add `--zip-short` to cut the longer list"
    ),
    "sweep a=1 b=2 c=3 --zip a,b --zip b,c | add": (
        "error: `b` is in two `--zip` options\n"
        "  sweep a=1 b=2 c=3 --zip a,b --zip b,c | add\n"
        "                                    ^"
    ),
    'sweep seed=1..3 --where "sed < 2" | t2i a fox': (
        "error: there is no name `sed`\n"
        '  sweep seed=1..3 --where "sed < 2" | t2i a fox\n'
        "                           ^^^\n"
        "  did you mean `seed`?"
    ),
    "sweep seed=1..3 --where 'seed = 2' | t2i a fox": (
        "error: `=` is not an operator\n"
        "  sweep seed=1..3 --where 'seed = 2' | t2i a fox\n"
        "                                ^\n"
        "  write `==`"
    ),
    "sweep seed=1..3 --where seed | t2i a fox": (
        "error: the expression is a number, but a condition is needed\n"
        "  sweep seed=1..3 --where seed | t2i a fox\n"
        "                          ^^^^\n"
        "  compare it, as in `steps > 20`"
    ),
    "sweep seed=1..3 --where 'seed > 9' | t2i a fox": (
        "error: `--where` leaves none of the 3 items\n"
        "  sweep seed=1..3 --where 'seed > 9' | t2i a fox\n"
        "                          ^^^^^^^^^^"
    ),
    "sweep seed=1..3 --where '1 / (seed - 2) > 0' | t2i a fox": (
        "error: division by zero\n"
        "  sweep seed=1..3 --where '1 / (seed - 2) > 0' | t2i a fox\n"
        "                             ^"
    ),
    "sweep seed=1..1000 steps=1..1000 | t2i a fox": (
        "error: the sweep has 1000 x 1000 = 1000000 items, but at most 100000 are possible\n"
        "  sweep seed=1..1000 steps=1..1000 | t2i a fox\n"
        "  ^^^^^\n"
        "  write fewer values, or add `--sample 100`"
    ),
    "sweep seed=1..1000000 --sample 5 | t2i a fox": (
        "error: `seed` has 1000000 values, but at most 100000 are possible\n"
        "  sweep seed=1..1000000 --sample 5 | t2i a fox\n"
        "  ^^^^^\n"
        "  write fewer values; 1..1000000?20 draws 20 numbers from a range"
    ),
    "sweep image='*.png' | i2i a ship": (
        "error: `*.png` is a pattern, but each value of `image` is one file\n"
        "  sweep image='*.png' | i2i a ship\n"
        "              ^^^^^^^\n"
        "  write the pattern in the stage that uses it, or list the files: image=a.png,b.png"
    ),
    "sweep jobs.csv | t2i a fox": (
        "error: `jobs.csv` cannot be read here\n  sweep jobs.csv | t2i a fox\n        ^^^^^^^^"
    ),
}


@pytest.mark.parametrize(("line", "message"), REFUSED.items(), ids=REFUSED)
def test_a_sweep_that_cannot_be_planned_is_refused(cook: Any, line: str, message: str) -> None:
    assert cook.refusal(line) == message


def test_all_errors_of_a_sweep_are_reported_at_once(cook: Any) -> None:
    assert cook.codes("sweep seed=8..1 steps=0..1/0 | t2i a fox --stepz 3") == [
        "bad_range",
        "bad_range",
        "unknown_option",
    ]


def test_a_sweep_is_refused_before_its_items_are_made(cook: Any) -> None:
    assert cook.codes("sweep seed=1..1000000000000 | t2i a fox") == ["sweep_too_large"]
