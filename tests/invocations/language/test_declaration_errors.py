"""Errors in the arguments of `sweep`, each checked with its whole text."""

from __future__ import annotations

import pytest

from invocations.language.declarations import read_declarations
from invocations.language.errors import draw
from invocations.language.source import Source
from tests.invocations.language.trees import stage

ERRORS = [
    (
        "sweep seed=1,2 steps=3 seed=4",
        """\
error: `seed` is declared twice
  sweep seed=1,2 steps=3 seed=4
                         ^^^^
  write all its values after one `seed=`, such as seed=1,2 or seed="a" "b\"""",
    ),
    (
        "sweep seed= steps=3",
        """\
error: `seed` has no values
  sweep seed= steps=3
        ^^^^^
  write its values after the `=`, such as seed=1..4""",
    ),
    (
        "sweep seed 1..4",
        """\
error: the values of `seed` follow the `=` without a space
  sweep seed 1..4
        ^^^^^^^^^
  write seed=1..4""",
    ),
    (
        "sweep seed = 1..4 a=1",
        """\
error: the values of `seed` follow the `=` without a space
  sweep seed = 1..4 a=1
        ^^^^^^^^^^^
  write seed=1..4""",
    ),
    (
        "sweep seed= 1..4",
        """\
error: the values of `seed` follow the `=` without a space
  sweep seed= 1..4
        ^^^^^^^^^^
  write seed=1..4""",
    ),
    (
        'sweep prompt: x seed:1..4 --where "seed > 2"',
        """\
error: `prompt:` is not of the form NAME=VALUES
  sweep prompt: x seed:1..4 --where "seed > 2"
        ^^^^^^^
  write for example seed=1..4, or the path of a CSV, TSV or JSONL file
error: `x` is not of the form NAME=VALUES
  sweep prompt: x seed:1..4 --where "seed > 2"
                ^
  write for example seed=1..4, or the path of a CSV, TSV or JSONL file
error: the values of `seed` follow the `=` without a space
  sweep prompt: x seed:1..4 --where "seed > 2"
                  ^^^^^^^^^
  write seed=1..4""",
    ),
    (
        "sweep a.csv b.csv",
        """\
error: `sweep` reads only one table
  sweep a.csv b.csv
              ^^^^^
  leave out `b.csv`""",
    ),
    (
        "sweep --file a.csv",
        """\
error: `sweep` has no option `--file`
  sweep --file a.csv
        ^^^^^^
  write only the path: sweep a.csv""",
    ),
    (
        "sweep --random 3",
        """\
error: `sweep` has no option `--random`
  sweep --random 3
        ^^^^^^^^
  to declare a value, write random=3""",
    ),
    (
        "sweep --seed 1..4",
        """\
error: `sweep` has no option `--seed`
  sweep --seed 1..4
        ^^^^^^
  write seed=1..4""",
    ),
    (
        "sweep",
        """\
error: `sweep` needs at least one name with values
  sweep
  ^^^^^
  write for example seed=1..4, or the path of a CSV, TSV or JSONL file""",
    ),
    (
        "sweep a=1 --limit 3 4",
        """\
error: `4` is not of the form NAME=VALUES
  sweep a=1 --limit 3 4
                      ^
  write for example seed=1..4, or the path of a CSV, TSV or JSONL file""",
    ),
    (
        "sweep a=1 --wher x",
        """\
error: `sweep` has no option `--wher`
  sweep a=1 --wher x
            ^^^^^^
  did you mean `--where`?""",
    ),
    (
        "sweep a=1 -n",
        """\
error: `sweep` has no option `-n`
  sweep a=1 -n
            ^^
  the options of `sweep` are --zip, --zip-short, --where, --sample, --limit""",
    ),
    (
        "sweep a=1 --limit 2.5",
        """\
error: `--limit` takes a whole number of at least 1, not `2.5`
  sweep a=1 --limit 2.5
                    ^^^
  `--limit` takes how many items to keep at most, such as --limit 20""",
    ),
    (
        "sweep a=1 --where",
        """\
error: `--where` needs a value
  sweep a=1 --where
            ^^^^^^^
  `--where` takes an expression, such as --where 'steps < 30'""",
    ),
    (
        "sweep a=1 --sample 2 --sample 3",
        """\
error: `--sample` is given twice
  sweep a=1 --sample 2 --sample 3
                       ^^^^^^^^
  it takes one value""",
    ),
    (
        "sweep a=1 --zip @x",
        """\
error: `--zip` takes a value, not a reference
  sweep a=1 --zip @x
                  ^^
  `--zip` takes names that advance together, such as --zip seed,steps""",
    ),
    (
        "sweep a=1 b=2 --zip-short",
        """\
error: `--zip-short` needs the names to zip
  sweep a=1 b=2 --zip-short
                ^^^^^^^^^^^
  write --zip-short a,b""",
    ),
]


@pytest.mark.parametrize(("line", "text"), ERRORS)
def test_an_error_in_a_sweep_points_at_the_words_that_cause_it(line: str, text: str) -> None:
    _, errors = read_declarations(stage(line))
    assert "\n".join(draw(error, Source(None, line)) for error in errors) == text
