"""The time to build a chart grows linearly with its size."""

from __future__ import annotations

import pytest

from benchmarks.long_sessions import session
from tests.steps import steps
from workflows.charts.build import Material
from workflows.charts.chart import Box, Chart, Link


def chart_of(count: int, *, chain: bool) -> int:
    """Return the number of steps taken to build the chart of a session with this many boxes."""
    material = Material(lambda kind: "")
    material.add_session(session(count, chain=chain))
    return steps(material.chart)


@pytest.mark.parametrize("chain", [True, False])
def test_the_time_per_box_does_not_grow_with_the_number_of_boxes(chain: bool) -> None:
    assert chart_of(400, chain=chain) / 400 <= 1.1 * chart_of(100, chain=chain) / 100


@pytest.mark.parametrize("backwards", [True, False])
def test_the_time_to_find_connected_parts_grows_linearly_whatever_the_order_of_links(backwards: bool) -> None:
    def parts(count: int) -> float:
        boxes = tuple(Box(str(key), "add") for key in range(count))
        links = tuple(Link(str(key), "value", str(key + 1), "a") for key in range(count - 1) if key % 50)
        found = Chart(boxes, links[::-1] if backwards else links)
        assert sum(len(part.boxes) for part in found.parts()) == count
        return steps(found.parts) / count

    assert parts(800) <= 1.1 * parts(200)


def test_connected_parts_keep_the_order_of_boxes_and_links() -> None:
    links = [Link("3", "value", "4", "a"), Link("1", "value", "3", "a"), Link("2", "value", "5", "a")]
    boxes = {key: Box(key, "add") for key in "12345"}
    assert Chart(tuple(boxes.values()), tuple(links)).parts() == [
        Chart((boxes["1"], boxes["3"], boxes["4"]), (links[0], links[1])),
        Chart((boxes["2"], boxes["5"]), (links[2],)),
    ]
