"""The help page of `sweep`, which begins a line but is neither a node nor a directive."""

from __future__ import annotations

from typing import Final

from .page import Literal, Page, Paragraph, Rows, Usage

VALUES: Final = (
    ("NAME=1,2,3", "values, separated by commas; every later stage that has this input takes them"),
    ("NAME=1..8", "integers from 1 to 8; also 1..8:2 (a step), 0..1/5 (how many), 1..8?4 (how many random numbers)"),
    ("seed=4x", "4 random seeds"),
    ('NAME="a, b" "c, d"', "values that contain commas, each in quotes"),
    ("COMMAND.NAME=1,2", "values for the stages of one command only, such as i2i.strength=.3,.5"),
    ("FILE", "table (.csv, .tsv, .jsonl, .json): each column is a name with its values, and each row is an item"),
)
OPTIONS: Final = (
    ("--zip NAME,NAME", "let names advance together, instead of combining each value with each other value"),
    ("--zip-short NAME,NAME", "the same, with longer lists cut to the length of the shortest"),
    ("--where EXPRESSION", "keep the items for which a condition is true: 'steps < 30 and seed in (1, 2)'"),
    ("--sample N", "keep N items, chosen at random, but the same every time"),
    ("--limit N", "keep the first N items"),
)
ORDER: Final = "The first name varies slowest. Rows of a table and names after `--zip` advance together."
EXPRESSION: Final = (
    "Names, numbers, strings in quotes, `yes`, `no` and `none` are compared with == != < <= > >= (also 1 < seed < 5) "
    "and `in`, as in seed in (1, 2). Conditions are joined by `and`, `or` and `not`. Numbers can be computed with "
    "+ - * / // % ** and the functions abs, ceil, floor, max, min, round and sqrt; len, lower and upper take strings."
)
EXAMPLES: Final = """\
  sweep seed=1..4 strength=.3,.5 | t2i a boat | i2i a ship | grid
  sweep seed=1,2,3 steps=10,20,30 --zip seed,steps | t2i a fox | grid
  sweep jobs.csv | t2i | save {axis.name}.png"""


def sweep_page(summary: str) -> Page:
    """Return the page of `sweep`. summary: what it does, in one phrase"""
    return (
        Usage(("sweep NAME=VALUES... [OPTIONS] | COMMAND ...", "sweep FILE [OPTIONS] | COMMAND ...")),
        Paragraph(f"{summary[0].upper()}{summary[1:]}."),
        Rows(VALUES, "Values"),
        Rows(OPTIONS, "Options"),
        Literal(EXAMPLES, "Examples"),
        Paragraph(ORDER, "Order"),
        Paragraph(EXPRESSION, "Expressions"),
    )
