"""Which of an image's text chunks is read, and what the notes say about the others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import BASE, LINE, graph, node
from tests.workflows.importers.conftest import Imports
from workflows.importers.detect import detect
from workflows.importers.untrusted import Unreadable

PARAMETERS = "a fox\nSteps: 5, Sampler: Euler a, Seed: 3"
NO_END = json.dumps({"3": BASE["3"]})
NO_IMAGE = "its ComfyUI graph cannot be read: it has no node that saves an image"
NOTHING = "no image can be traced from its last nodes to a denoising node or a file"
INVOKE: dict[str, Any] = {"nodes": {"1": {"type": "l2i"}}, "edges": []}


def test_a_graph_stored_in_two_forms_is_read_once_without_a_note(line_of: Imports) -> None:
    workflow = json.dumps({"nodes": [], "links": []})
    assert line_of({**graph(), "workflow": workflow, "invokeai_workflow": "{}"}) == (LINE, ())


def test_an_unreadable_graph_is_noted_if_another_text_chunk_is_readable(line_of: Imports) -> None:
    loop = json.dumps({"1": node("SaveImage", images=["1", 0])})
    line, notes = line_of({"prompt": loop, "invokeai_workflow": "{", "parameters": PARAMETERS})
    assert line == 't2i "a fox" --steps 5 --scheduler euler_a --seed 3'
    assert notes == ("the file also contains `prompt`, which was not read",)
    line, notes = line_of({"prompt": loop, "workflow": json.dumps(MINIMAL)})
    assert notes[-1] == "its ComfyUI graph cannot be read: its links form a loop at node 1 `SaveImage`"


MINIMAL = {
    "nodes": [
        {"id": 1, "type": "LoadImage", "widgets_values": ["cat.png", "image"]},
        {"id": 2, "type": "SaveImage", "inputs": [{"name": "images", "link": 1}], "widgets_values": ["x"]},
    ],
    "links": [[1, 1, 0, 2, 0, "IMAGE"]],
}


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"prompt": NO_END}, NO_IMAGE),
        ({"prompt": '{"a": x'},
         "its ComfyUI graph cannot be read: it is not JSON: Expecting value: line 1 column 7 (char 6)"),
        ({"prompt": '{"a": ' + "[" * 65 + "]" * 65 + "}"},
         "its ComfyUI graph cannot be read: it is nested deeper than 64 levels"),
        ({"prompt": '{"a": ' + "[" * 100_000}, "its ComfyUI graph cannot be read: it is nested deeper than 64 levels"),
        ({"prompt": '{"a": "' + "x" * (4 * 2**20) + '"}'}, "its ComfyUI graph cannot be read: it is longer than 4 MiB"),
        ({"prompt": '{"a": ' + "9" * 5000 + "}"},
         "its ComfyUI graph cannot be read: it has a number with too many digits"),
        ({"invokeai_graph": json.dumps(INVOKE)},
         f"its InvokeAI graph cannot be read: {NOTHING}: node 1 `l2i`"),
        ({"prompt": NO_END, "invokeai_graph": json.dumps(INVOKE)},
         f"{NO_IMAGE}; its InvokeAI graph cannot be read: {NOTHING}: node 1 `l2i`"),
    ],
)  # fmt: skip
def test_the_error_for_an_unreadable_graph_names_the_tool(texts: dict[str, str], why: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        detect(texts)
    assert str(refusal.value) == why


@pytest.mark.parametrize("text", ["words", "[1]", "{}", '{"a": 1}'])
def test_a_text_chunk_without_a_graph_is_ignored(text: str) -> None:
    assert detect(dict.fromkeys(("prompt", "workflow", "invokeai_graph", "invokeai_workflow"), text)) is None
