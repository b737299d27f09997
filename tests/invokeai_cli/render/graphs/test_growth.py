"""The work needed for a drawing grows linearly with the number of boxes, whatever the shape of the graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from invokeai_cli.render.graphs.drawing import draw
from tests.invokeai_cli.render.graphs.charts import chart
from tests.steps import steps

SHAPES: dict[str, Callable[[int], str]] = {
    "a chain": lambda count: ">".join(map(str, range(count))),
    "a chain, last box first": lambda count: ",".join(f"{n}>{n + 1}" for n in range(count - 2, -1, -1)),
    "one-node lines": lambda count: ",".join(map(str, range(count))),
    "a box that feeds all others": lambda count: ",".join(f"0>{n}" for n in range(1, count)),
    "a box that collects all others": lambda count: ",".join(f"{n}>0" for n in range(1, count)),
    "boxes that each feed the next three": lambda count: ",".join(
        f"{n}>{n + far}" for n in range(count) for far in (1, 2, 3) if n + far < count
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_per_box_does_not_grow_with_the_number_of_boxes(shape: str) -> None:
    def per_box(count: int) -> float:
        given = chart(SHAPES[shape](count))
        return steps(lambda: draw(given, width=80)) / len(given.boxes)

    assert per_box(240) <= 1.3 * per_box(80)
