"""Charts written as short strings, for tests of chart layout and drawing."""

from __future__ import annotations

from itertools import pairwise

from workflows.charts.chart import Box, Chart, Link


def chart(text: str, **states: str) -> Chart:
    """Return the chart for a string such as `1>2>3,1>3`; `s2="done"` sets the state of box 2."""
    keys: dict[str, None] = {}
    links = []
    for part in text.split(","):
        names = part.split(">")
        keys.update(dict.fromkeys(names))
        links += [Link(a, "image", b, "image") for a, b in pairwise(names)]
    boxes = [Box(key, "blur", state=states.get(f"s{key}", "not run")) for key in keys]
    return Chart(tuple(boxes), tuple(dict.fromkeys(links)))
