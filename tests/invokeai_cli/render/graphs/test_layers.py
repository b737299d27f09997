"""Layout of small graphs: boxes are placed in layers and columns, and lines in tracks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from invokeai_cli.render.graphs.layers import Layer, ahead_of, layered
from invokeai_cli.render.graphs.places import joined, placed
from invokeai_cli.render.graphs.routes import Route, routed
from tests.invokeai_cli.render.graphs.charts import chart

WIDE = 10  # width of each box, in columns


def layers_of(text: str, room: int) -> list[Layer]:
    given = chart(text)
    found = layered(given, dict.fromkeys(ahead_of(given), WIDE), room)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "room", "boxes", "lanes"),
    [
        ("a", 80, ["a"], [0]),
        ("a>b>c", 80, ["a", "b", "c"], [0, 0, 0]),
        ("a>b>c,a>c", 80, ["a", "b", "c"], [0, 1, 0]),
        ("a>b,a>c,a>d", 80, ["a", "bcd"], [0, 0]),
        ("a>b,a>c,a>d", 27, ["a", "bc", "d"], [0, 1, 0]),
        ("a>b,a>c,a>d", 20, ["a", "b", "c", "d"], [0, 1, 1, 0]),
        ("a>e,b>e,c>e,d>e", 34, ["abc", "d", "e"], [0, 1, 0]),
        ("a>b>c>d,x>d", 80, ["a", "b", "cx", "d"], [0, 0, 0, 0]),
    ],
)
def test_layers_fit_the_given_width(text: str, room: int, boxes: list[str], lanes: list[int]) -> None:
    found = layers_of(text, room)
    assert ["".join(layer.boxes) for layer in found] == boxes
    assert [len(layer.lanes) for layer in found] == lanes


def test_no_layers_are_computed_if_a_single_box_does_not_fit() -> None:
    given = chart("a>b")
    assert layered(given, {"a": 50, "b": 50}, 40) is None


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a>b", [{"a": 0}, {"b": 0}]),
        ("a>b,a>c", [{"a": 6}, {"b": 0, "c": 12}]),
        ("a>c,b>c", [{"a": 0, "b": 12}, {"c": 6}]),
    ],
)
def test_a_box_is_centered_below_its_sources(text: str, columns: list[dict[str, int]]) -> None:
    found, given = layers_of(text, 80), chart(text)
    widths = dict.fromkeys(ahead_of(given), WIDE)
    lines = [joined(upper, lower, ahead_of(given)) for upper, lower in pairwise(found)]
    assert placed(found, lines, widths, 80) == columns


@pytest.mark.parametrize(
    ("text", "rows", "routes"),
    [
        ("a>b", 0, [Route((5,), (5,))]),
        ("a>b,a>c", 1, [Route((11,), (5, 17), 0)]),
        ("a>c,b>c", 1, [Route((5, 17), (11,), 0)]),
        ("a>c,b>d,a>d", 1, [Route((8,), (8, 15), 0), Route((20,), (18,), 0)]),
    ],
)
def test_a_line_that_moves_sideways_has_its_own_row(text: str, rows: int, routes: list[Route]) -> None:
    found, given = layers_of(text, 80), chart(text)
    widths = dict.fromkeys(ahead_of(given), WIDE)
    lines = [joined(upper, lower, ahead_of(given)) for upper, lower in pairwise(found)]
    columns = placed(found, lines, widths, 80)
    channel = routed(lines[0], columns[0], columns[1], widths, 80)
    assert channel.rows == rows
    assert list(channel.routes) == routes
