"""The `prompt` graph of ComfyUI: walked back from a saved picture; each node a step, or a note where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .comfyui_nodes import Walk
from .parameters import Found, Step, shown
from .untrusted import json_object, mapping

TOOL = "ComfyUI"
MOST_NODES = 2000
MOST_NOTED = 20  # nodes that are named one by one
ENDS = ("SaveImage", "SaveImageWebsocket", "PreviewImage")  # the first kind that is there
SILENT = frozenset({*ENDS, "Note", "MarkdownNote", "Reroute", "PrimitiveNode", "VAELoader"})


def read(prompt: str) -> Found | None:
    """Return what a graph of ComfyUI makes, None where the text is no such graph."""
    data = json_object(prompt)
    nodes = {str(id_): mapping(node) for id_, node in (data or {}).items() if mapping(node).get("class_type")}
    if not nodes or len(nodes) > MOST_NODES:
        return None
    walk = Walk(nodes)
    ends = _ends(nodes)
    steps = walk.picture([ends[0], 0]) if ends else []
    if not steps:
        return None
    if len(ends) > 1:
        walk.note(f"the graph gives {len(ends)} pictures: this is node {ends[0]}")
    if not any("seed" in step.values for step in steps):
        walk.note("no seed is told: another picture will come of it")
    return Found(TOOL, tuple(_named(steps, walk)), (*walk.notes, *_unused(nodes, walk)))


def _ends(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the nodes that give the picture, the likeliest first."""
    for kind in ENDS:
        found = [id_ for id_, node in nodes.items() if node["class_type"] == kind]
        if found:
            return found
    saving = [id_ for id_, node in nodes.items() if str(node["class_type"]).lower().startswith("save")]
    return saving or [id_ for id_, node in nodes.items() if str(node["class_type"]).startswith("VAEDecode")]


def _named(steps: list[Step], walk: Walk) -> list[Step]:
    """Return the steps; a picture that is read from a file is said to be."""
    for step in steps:
        if step.command == "load":
            walk.note(f"it begins from the file `{shown(step.values['source'])}` in ComfyUI's folder of inputs")
    return steps


def _unused(nodes: Mapping[str, Mapping[str, Any]], walk: Walk) -> list[str]:
    left = [(id_, node) for id_, node in nodes.items() if id_ not in walk.seen and node["class_type"] not in SILENT]
    notes = [
        f"node {shown(id_)} `{shown(node['class_type'])}` has no counterpart here" for id_, node in left[:MOST_NOTED]
    ]
    return [*notes, f"{len(left) - MOST_NOTED} more nodes have none"] if len(left) > MOST_NOTED else notes
