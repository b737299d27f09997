"""Read a ComfyUI graph: find the node that saved the image, and follow the links back from there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from workflows.importers.foreign_graph import ForeignNode, NodeLink
from workflows.importers.graph_notes import unused
from workflows.importers.graph_stages import without_seed
from workflows.importers.parameters import NO_SEED, Imported, short
from workflows.importers.untrusted import Unreadable, graph_object, string

from .api_form import api_nodes
from .images import ImageWalk
from .widget_values import CONTROL
from .widgets import NEUTRAL, SILENT
from .workflow_form import workflow_nodes

TOOL = "ComfyUI"
ENDS = ("SaveImage", "SaveImageWebsocket", "PreviewImage")  # node types that end a graph, in order of preference
CHANGING = ("increment", "decrement", "randomize")
RANDOM = re.compile(r"\{[^{}|]{0,200}\|[^{}]{0,2000}\}")
MAX_SHOWN = 3  # how many notes an error quotes


def read(prompt: str, name: str = "") -> Imported | None:
    """Return the steps of a graph stored as text; None if the text is not a graph. Raises: Unreadable.

    name: the name of the image file, which helps to find the node that saved it
    """
    return read_data(graph_object(prompt), name)


def read_data(data: Mapping[str, Any], name: str = "") -> Imported | None:
    """Return the steps of a graph in the API form or the workflow form; None if the data is not a graph.

    name: the name of the image file, which helps to find the node that saved it. Raises: Unreadable.
    """
    nodes = api_nodes(data)
    if nodes:
        return read_nodes(nodes, name)
    nodes = workflow_nodes(data)
    return _with_random_texts(read_nodes(nodes, name)) if nodes else None


def _with_random_texts(found: Imported) -> Imported:
    """Add a note for each part of a prompt that ComfyUI picks at random: a workflow does not record the choice."""
    prompts = [str(step.values.get(name, "")) for step in found.steps for name in ("prompt", "negative")]
    random = dict.fromkeys(text for prompt in prompts for text in RANDOM.findall(prompt))
    notes = [
        f"`{short(text)}` stands for one of several alternatives; which one was used is not recorded" for text in random
    ]
    return replace(found, notes=(*found.notes, *notes))


def read_nodes(nodes: Mapping[str, ForeignNode], name: str = "") -> Imported:
    """Return the steps of a graph, given its nodes by id. Raises: Unreadable."""
    walk = ImageWalk(nodes)
    ends = _ends(nodes)
    if not ends:
        raise Unreadable("it has no node that saves an image")
    end = _saved(ends, name)
    steps = walk.image(NodeLink(end.id, 0))
    walk.use(end, *end.inputs)
    left_out = unused(walk, end.id, SILENT, NEUTRAL)
    if not steps:
        why = "; ".join([*walk.notes, *left_out][:MAX_SHOWN])
        raise Unreadable(f"the image of {end.shown} cannot be traced to a sampler or a file{': ' if why else ''}{why}")
    if len(ends) > 1:
        walk.note(f"the graph makes {len(ends)} images: this line makes the one saved by {end.shown}")
    for id_ in walk.used:
        if nodes[id_].inputs.get(CONTROL) in CHANGING:
            walk.note(
                f"{nodes[id_].shown}: its seed changes after each image and may differ from the seed of the saved image"
            )
    if without_seed(steps):
        walk.note(NO_SEED)
    return Imported(TOOL, steps, (*walk.notes, *left_out))


def _ends(nodes: Mapping[str, ForeignNode]) -> list[ForeignNode]:
    """Return the nodes that output the image, most likely first."""
    for kind in ENDS:
        found = [node for node in nodes.values() if node.kind == kind]
        if found:
            return found
    saving = [node for node in nodes.values() if node.kind.lower().startswith("save") or "Image Save" in node.kind]
    return saving or [node for node in nodes.values() if node.kind.startswith("VAEDecode")]


def _saved(ends: list[ForeignNode], name: str) -> ForeignNode:
    """Return the node whose file name prefix matches the image's file name best; the first node if none matches."""
    file = PurePath(name).name
    prefixes = {node.id: PurePath(string(node.inputs.get("filename_prefix"))).name for node in ends}
    fitting = [node for node in ends if prefixes[node.id] and file.startswith(prefixes[node.id])]
    return max(fitting, key=lambda node: len(prefixes[node.id]), default=ends[0])
