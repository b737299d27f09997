"""A list piped into an input for one item means each of its items: `iterate` is put in, with the reason `each`."""

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
def test_a_list_through_the_bar_is_spread(cook: Any, links: Any, line: str, expected: list[str]) -> None:
    made = links(cook(line))
    assert [each for each in made if each in expected] == expected


def test_a_list_never_falls_through_to_another_link(cook: Any, links: Any) -> None:
    made = links(cook("load cat.png as cat | blur | collect | blur"))
    assert made[-2:] == ["3.collection -> 4.iterate.collection each", "4.iterate.item -> 4.image piped"]


def test_the_next_line_spreads_a_list_too(cook: Any, links: Any) -> None:
    cook("range 1 4")
    assert links(cook("| mul 5")) == ["1.collection -> 2.iterate.collection each", "2.iterate.item -> 2.a piped"]


def test_a_written_input_and_a_list_input_are_not_spread(cook: Any, links: Any) -> None:
    assert links(cook("range 1 4 as r | mul 2 --a 3")) == []
    assert [each.rpartition(" ")[2] for each in links(cook("load '*.png' | iterate | collect | grid"))][-1] == "piped"


def test_a_list_that_is_referred_to_is_refused(cook: Any) -> None:
    cook("range 1 4 as r")
    assert cook.codes("mul --a @r 2") == ["list_into_scalar"]


def test_a_list_without_links_is_not_spread(cook: Any) -> None:
    assert cook.codes("range 1 4 | mul 5 --no-link") == ["missing_input"]


def test_the_stage_has_the_node_that_was_put_in(cook: Any) -> None:
    (_, stage) = cook("range 1 4 | mul 5").stages
    assert stage.nodes == ("2.iterate", "2")
