"""Write a chart as a Graphviz graph in the DOT language."""

from __future__ import annotations

from .chart import Chart

COLORS = {"done": "darkgreen", "reused": "darkcyan", "running": "goldenrod", "failed": "red", "skipped": "gray"}


def dot(chart: Chart) -> str:
    """Return a chart as the text of a DOT digraph, with names escaped."""
    ids = {box.key: f"n{index}" for index, box in enumerate(chart.boxes)}
    lines = ["digraph session {", "  node [shape=box];"]
    for box in chart.boxes:
        color = f", color={COLORS[box.state]}" if box.state in COLORS else ""
        lines.append(f"  {ids[box.key]} [label={_quoted(box.title, box.status)}{color}];")
    for link in chart.links:
        label = _quoted(f"{link.output} → {link.input}")
        lines.append(f"  {ids[link.source]} -> {ids[link.target]} [label={label}];")
    return "\n".join([*lines, "}"])


def _quoted(*texts: str) -> str:
    """Return the given lines as one quoted DOT string."""
    escaped = (text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for text in texts)
    return '"' + "\\n".join(escaped) + '"'
