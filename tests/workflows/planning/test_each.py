"""A list piped into an input for one item runs the stage once per item, through an inserted `iterate` node."""

from __future__ import annotations

from typing import Any

import pytest

SPREAD = (
    ("range 1 4 | mul 5", ["1.collection -> 2.iterate.collection each", "2.iterate.item -> 2.a piped"]),
    (
        "range 1 4 | iterate | mul 2 | collect | mul 3",
        ["4.collection -> 5.iterate.collection each", "5.iterate.item -> 5.a piped"],
    ),
    (
        "load '*.png' | iterate | blur | collect | i2i a dog",
        ["4.collection -> 5.iterate.collection each", "5.iterate.item -> 5.encode.image piped"],
    ),
    (
        "range 1 4 | mul 5 | mul 6",
        ["1.collection -> 2.iterate.collection each", "2.iterate.item -> 2.a piped", "2.value -> 3.a piped"],
    ),
)


@pytest.mark.parametrize(("line", "expected"), SPREAD)
def test_a_stage_runs_once_for_each_item_of_a_piped_list(cook: Any, links: Any, line: str, expected: list[str]) -> None:
    made = links(cook(line))
    assert [each for each in made if each in expected] == expected


def test_a_piped_list_is_used_even_if_an_earlier_output_would_fit_directly(cook: Any, links: Any) -> None:
    made = links(cook("load cat.png as cat | blur | collect | blur"))
    assert made[-2:] == ["3.collection -> 4.iterate.collection each", "4.iterate.item -> 4.image piped"]


def test_a_continued_line_also_runs_once_for_each_item(cook: Any, links: Any) -> None:
    cook("range 1 4")
    assert links(cook("| mul 5")) == ["1.collection -> 2.iterate.collection each", "2.iterate.item -> 2.a piped"]


def test_no_iterate_node_is_inserted_if_the_input_is_written_or_accepts_a_list(cook: Any, links: Any) -> None:
    assert links(cook("range 1 4 as r | mul 2 --a 3")) == []
    assert [each.rpartition(" ")[2] for each in links(cook("load '*.png' | iterate | collect | grid"))][-1] == "piped"


def test_a_reference_to_a_list_is_refused_by_an_input_for_one_item(cook: Any) -> None:
    cook("range 1 4 as r")
    assert cook.codes("mul --a @r 2") == ["list_into_scalar"]


def test_a_star_after_a_reference_runs_the_stage_once_for_each_item(cook: Any, links: Any) -> None:
    cook("range 1 4 as r")
    loop = ["1.collection -> 2.iterate.collection each", "2.iterate.item -> 2.b piped"]
    assert links(cook("add 1 --b @r*")) == loop
    assert links(cook("add 1 --b @1.collection*")) == [each.replace(" 2.", " 3.") for each in loop[:1]] + [
        "3.iterate.item -> 3.b piped"
    ]


EACH_ERRORS = [
    (
        "mul --a @r 2",
        """\
error: `@1.collection` produces a list of int, but `a` of `mul` takes an int or float
  mul --a @r 2
          ^^
  write @r* to run `mul` once for each item""",
    ),
    (
        "mul --a @n* 2",
        """\
error: `@n*` is each item of a list, but `@n` (add) produces an int or float
  mul --a @n* 2
          ^^^
  write @n""",
    ),
    (
        "add 1 2 | add --link @r* value b",
        """\
error: `--link` takes a stage, not each item of a list
  add 1 2 | add --link @r* value b
                       ^^^
  write @r""",
    ),
    (
        "mul --a @prompt* 2",
        """\
error: there is no earlier stage `@prompt`
  mul --a @prompt* 2
          ^^^^^^^^
  did you mean `@prompts`?""",
    ),
]


@pytest.mark.parametrize(("line", "text"), EACH_ERRORS)
def test_the_error_for_a_missing_or_wrong_star_suggests_what_to_write(cook: Any, line: str, text: str) -> None:
    cook("range 1 4 as r")
    cook("add 1 2 as n")
    cook("range 1 4 as prompts")
    assert cook.refusal(line) == text


def test_no_iterate_node_is_inserted_if_links_are_off(cook: Any) -> None:
    assert cook.codes("range 1 4 | mul 5 --no-link") == ["missing_input"]


def test_the_inserted_iterate_node_belongs_to_the_stage_that_receives_the_list(cook: Any) -> None:
    (_, stage) = cook("range 1 4 | mul 5").stages
    assert stage.nodes == ("2.iterate", "2")
