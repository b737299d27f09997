"""The `prompt` graph of ComfyUI, followed back from a saved image; a node that is not supported becomes a note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .comfyui_nodes import GraphWalk
from .parameters import Imported, ImportedStep, short
from .untrusted import json_object, mapping

TOOL = "ComfyUI"
MAX_NODES = 2000
MAX_NOTES = 20  # at most so many unsupported nodes are reported one by one
ENDS = ("SaveImage", "SaveImageWebsocket", "PreviewImage")  # nodes that output an image, the most likely kind first
IGNORED = frozenset({*ENDS, "Note", "MarkdownNote", "Reroute", "PrimitiveNode", "VAELoader"})


def read(prompt: str) -> Imported | None:
    """Return the steps of a ComfyUI graph, or None if the text is not such a graph."""
    data = json_object(prompt)
    nodes = {str(id_): mapping(node) for id_, node in (data or {}).items() if mapping(node).get("class_type")}
    if not nodes or len(nodes) > MAX_NODES:
        return None
    walk = GraphWalk(nodes)
    ends = _ends(nodes)
    steps = walk.image([ends[0], 0]) if ends else []
    if not steps:
        return None
    if len(ends) > 1:
        walk.note(f"the graph makes {len(ends)} images: this is the one of node {ends[0]}")
    if not any("seed" in step.values for step in steps):
        walk.note("no seed is recorded: the image will be different")
    return Imported(TOOL, tuple(_named(steps, walk)), (*walk.notes, *_unused(nodes, walk)))


def _ends(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the nodes that may have output the image, the most likely first."""
    for kind in ENDS:
        found = [id_ for id_, node in nodes.items() if node["class_type"] == kind]
        if found:
            return found
    saving = [id_ for id_, node in nodes.items() if str(node["class_type"]).lower().startswith("save")]
    return saving or [id_ for id_, node in nodes.items() if str(node["class_type"]).startswith("VAEDecode")]


def _named(steps: list[ImportedStep], walk: GraphWalk) -> list[ImportedStep]:
    """Return the steps that make an image; a note is added if they start from an image file."""
    for step in steps:
        if step.command == "load":
            walk.note(f"it starts from the file `{short(step.values['source'])}` in ComfyUI's input folder")
    return steps


def _unused(nodes: Mapping[str, Mapping[str, Any]], walk: GraphWalk) -> list[str]:
    left = [(id_, node) for id_, node in nodes.items() if id_ not in walk.seen and node["class_type"] not in IGNORED]
    notes = [f"node {short(id_)} `{short(node['class_type'])}` is not supported" for id_, node in left[:MAX_NOTES]]
    return [*notes, f"{len(left) - MAX_NOTES} more nodes are not supported"] if len(left) > MAX_NOTES else notes
