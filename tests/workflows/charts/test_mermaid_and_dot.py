"""Mermaid and DOT export: small parsers of both formats confirm that every name is escaped."""

from __future__ import annotations

import re

import pytest

from workflows.charts.chart import DONE, STATES, Box, Chart, Link
from workflows.charts.dot import dot
from workflows.charts.mermaid import mermaid

NAMES = ["blur", 'a"b', "a\\", "end", "a|b", "]", "--> x", "<script>", "a;b", "#quot;", "日本", "a`b", "%% c", "a\nb"]
NODE = re.compile(r'  n(\d+)\["([^"]*)"\]:::([a-z_]+)')
EDGE = re.compile(r'  n(\d+) -->\|"([^"]*)"\| n(\d+)')
STYLE = re.compile(r"  classDef [a-z_]+ stroke:#[0-9a-f]{6}")
QUOTED = r'"((?:[^"\\]|\\.)*)"'


def chart(name: str) -> Chart:
    boxes = (Box("1", name, name, state=DONE), Box("2", "show"))
    return Chart(boxes, (Link("1", name, "2", "image"),))


def shown(text: str) -> str:
    """Return an escaped Mermaid label as it is displayed."""
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_read_back_from_a_mermaid_flowchart(name: str) -> None:
    first, *lines = mermaid(chart(name)).split("\n")
    assert first == "flowchart TD"
    assert all(NODE.fullmatch(line) or EDGE.fullmatch(line) or STYLE.fullmatch(line) for line in lines)
    node, edge = NODE.fullmatch(lines[0]), EDGE.fullmatch(lines[2])
    assert node is not None
    assert edge is not None
    assert shown(node[2]).split("<br/>")[0] == f"1 {name} as {name}"
    assert shown(edge[2]) == f"{name} → image"
    assert not re.search(r"[<>|\[\]`\\]", node[2].replace("<br/>", ""))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_read_back_from_a_dot_graph(name: str) -> None:
    lines = dot(chart(name)).split("\n")
    assert (lines[0], lines[-1]) == ("digraph session {", "}")
    node = re.fullmatch(rf"  n0 \[label={QUOTED}, color=darkgreen\];", lines[2])
    edge = re.fullmatch(rf"  n0 -> n1 \[label={QUOTED}\];", lines[4])
    assert node is not None
    assert edge is not None
    flat = name.replace("\n", " ")
    assert re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], node[1]) == f"1 {flat} as {flat}\ndone"
    assert re.sub(r"\\(.)", r"\1", edge[1]) == f"{flat} → image"


def test_boxes_in_every_state_can_be_exported() -> None:
    given = Chart(tuple(Box(str(index), "blur", state=state) for index, state in enumerate(STATES)), ())
    assert mermaid(given).count("classDef") == len(STATES) - 1
    assert dot(given).count("color=") == len(STATES) - 1
