"""Write a chart as a Mermaid flowchart."""

from __future__ import annotations

from .chart import STATES, Chart

STROKES = {"done": "#2e7d32", "reused": "#00838f", "running": "#f9a825", "failed": "#c62828", "skipped": "#9e9e9e"}
PLAIN = frozenset(" .,:+-_/()@→")  # characters that need no escape inside Mermaid's quotes, besides letters and digits


def mermaid(chart: Chart) -> str:
    """Return a chart as the text of a Mermaid flowchart, with names escaped."""
    ids = {box.key: f"n{index}" for index, box in enumerate(chart.boxes)}
    lines = ["flowchart TD"]
    for box in chart.boxes:
        label = "<br/>".join(map(_escaped, (box.title, box.status)))
        lines.append(f'  {ids[box.key]}["{label}"]:::{_class(box.state)}')
    for link in chart.links:
        label = f"{_escaped(link.output)} → {_escaped(link.input)}"
        lines.append(f'  {ids[link.source]} -->|"{label}"| {ids[link.target]}')
    present = {box.state for box in chart.boxes}
    lines += [
        f"  classDef {_class(state)} stroke:{STROKES[state]}" for state in STATES if state in present & set(STROKES)
    ]
    return "\n".join(lines)


def _class(state: str) -> str:
    return state.replace(" ", "_")


def _escaped(text: str) -> str:
    """Return the text with all special characters replaced by numeric entities."""
    return "".join(char if char.isalnum() or char in PLAIN else f"#{ord(char)};" for char in text)
