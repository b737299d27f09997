"""Convert graphs from the API form to the workflow form, which ComfyUI's editor saves."""

from __future__ import annotations

from random import Random
from typing import Any

from workflows.importers.comfyui.widgets import WIDGETS

CONTROLLED = ("seed", "noise_seed")
TYPES = {"samples": "LATENT", "latent_image": "LATENT", "image": "IMAGE", "images": "IMAGE", "pixels": "IMAGE",
         "model": "MODEL", "clip": "CLIP"}  # fmt: skip


class Workflow:
    """Builds a workflow as older or newer editors save it; newer editors write links as objects."""

    def __init__(self, rng: Random, newer: bool) -> None:
        self.rng, self.newer = rng, newer
        self.nodes: list[dict[str, Any]] = []
        self.links: list[Any] = []

    def link(self, source: list[Any], target: int, slot: int, kind: str) -> int:
        """Add a link, and return its id."""
        id_ = len(self.links) + 1
        ends = [id_, int(source[0]), source[1], target, slot, kind]
        names = ("id", "origin_id", "origin_slot", "target_id", "target_slot", "type")
        self.links.append(dict(zip(names, ends, strict=True)) if self.newer else ends)
        return id_

    def node(self, id_: int, kind: str, values: list[Any], slots: list[dict[str, Any]], **more: Any) -> None:
        """Add a node."""
        self.nodes.append({"id": id_, "type": kind, "mode": 0, "inputs": slots, "widgets_values": values, **more})

    def document(self) -> dict[str, Any]:
        """Return the workflow with its nodes in random order."""
        nodes = self.rng.sample(self.nodes, len(self.nodes))
        return {"last_node_id": 0, "nodes": nodes, "links": self.links, "groups": [], "version": 0.4}


def edited(nodes: dict[str, dict[str, Any]], rng: Random) -> dict[str, Any]:
    """Return the workflow form of a graph."""
    workflow = Workflow(rng, newer=rng.random() < 0.5)
    free = 1000
    for id_, node in _without_plain_switches(nodes).items():
        kind, inputs = node["class_type"], node["inputs"]
        widgets = list(WIDGETS.get(kind, [name for name, value in inputs.items() if not isinstance(value, list)]))
        listed = workflow.newer or kind not in WIDGETS
        slots: list[dict[str, Any]] = []
        names = [name for name in inputs if isinstance(inputs[name], list)]
        for name in [*names, *(widget for widget in widgets if listed and widget not in names)]:
            slot: dict[str, Any] = {"name": name, "type": TYPES.get(name, "*"), "link": None}
            if name in widgets:
                slot["widget"] = {"name": name}
            if name in names:
                source = inputs[name]
                if rng.random() < 0.2:
                    free += 1
                    passed = workflow.link(source, free, 0, slot["type"])
                    workflow.node(free, "Reroute", [], [{"name": "", "type": "*", "link": passed}])
                    source = [free, 0]
                slot["link"] = workflow.link(source, int(id_), len(slots), slot["type"])
            slots.append(slot)
        ordered = sorted(slots, key=lambda slot: widgets.index(slot["name"]) if slot["name"] in widgets else -1)
        values = [value for name in widgets for value in _stored(name, inputs.get(name), rng)]
        workflow.node(int(id_), kind, values, ordered if listed else slots)
    return workflow.document()


def _without_plain_switches(nodes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Move each string input of a switch to a separate node, because these inputs have no widgets in the editor."""
    found = {id_: {**node, "inputs": dict(node["inputs"])} for id_, node in nodes.items()}
    for node in list(found.values()):
        for name, value in node["inputs"].items():
            if node["class_type"] == "ComfySwitchNode" and name != "switch" and not isinstance(value, list):
                id_ = str(2000 + len(found))
                found[id_] = {"class_type": "PrimitiveString", "inputs": {"value": value}}
                node["inputs"][name] = [id_, 0]
    return found


def _stored(name: str, value: Any, rng: Random) -> list[Any]:
    """Return the stored value of a widget; a widget whose input is linked keeps the value that was typed before."""
    stored = "typed before" if isinstance(value, list) else value
    return [stored, rng.choice(["fixed", "fixed", False])] if name in CONTROLLED else [stored]
