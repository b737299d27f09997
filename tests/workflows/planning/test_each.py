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


def test_no_iterate_node_is_inserted_if_links_are_off(cook: Any) -> None:
    assert cook.codes("range 1 4 | mul 5 --no-link") == ["missing_input"]


def test_the_inserted_iterate_node_belongs_to_the_stage_that_receives_the_list(cook: Any) -> None:
    (_, stage) = cook("range 1 4 | mul 5").stages
    assert stage.nodes == ("2.iterate", "2")
