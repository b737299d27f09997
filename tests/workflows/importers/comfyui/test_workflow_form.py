"""Graphs in ComfyUI's workflow form, which its editor saves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.comfyui.edited_workflows import edited
from tests.workflows.importers.comfyui.graphs import BASE, LINE
from tests.workflows.importers.comfyui.test_round_trip import check_read_back
from tests.workflows.importers.conftest import Imports
from workflows.importers import comfyui
from workflows.importers.untrusted import Unreadable

# The graph that the editor opens with: Comfy-Org/ComfyUI_frontend, src/scripts/defaultGraph.ts, with our values.
NODES: list[dict[str, Any]] = [
    {"id": 7, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 5}],
     "widgets_values": ["blur"]},
    {"id": 6, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "type": "CLIP", "link": 3}],
     "widgets_values": ["a fox"]},
    {"id": 5, "type": "EmptyLatentImage", "widgets_values": [512, 768, 1]},
    {"id": 3, "type": "KSampler", "inputs": [
        {"name": "model", "type": "MODEL", "link": 1}, {"name": "positive", "type": "CONDITIONING", "link": 4},
        {"name": "negative", "type": "CONDITIONING", "link": 6}, {"name": "latent_image", "type": "LATENT", "link": 2},
    ], "widgets_values": [5, "fixed", 20, 8, "euler", "normal", 1]},
    {"id": 8, "type": "VAEDecode", "inputs": [
        {"name": "samples", "type": "LATENT", "link": 7}, {"name": "vae", "type": "VAE", "link": 8}]},
    {"id": 9, "type": "SaveImage", "inputs": [{"name": "images", "type": "IMAGE", "link": 9}],
     "widgets_values": ["ComfyUI"]},
    {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["sd/dreamshaper_8.safetensors"]},
    {"id": 30, "type": "Note", "widgets_values": ["hello"]},
]  # fmt: skip
LINKS: list[list[Any]] = [
    [1, 4, 0, 3, 0, "MODEL"], [2, 5, 0, 3, 3, "LATENT"], [3, 4, 1, 6, 0, "CLIP"], [4, 6, 0, 3, 1, "CONDITIONING"],
    [5, 4, 1, 7, 0, "CLIP"], [6, 7, 0, 3, 2, "CONDITIONING"], [7, 3, 0, 8, 0, "LATENT"], [8, 4, 2, 8, 1, "VAE"],
    [9, 8, 0, 9, 0, "IMAGE"],
]  # fmt: skip


def workflow(*more: dict[str, Any], links: list[list[Any]] | None = None, **extra: Any) -> dict[str, str]:
    """Return the text chunks of an image made with the default workflow, with nodes and links added or replaced."""
    nodes = {node["id"]: node for node in [*NODES, *more]}
    all_links = {link[0]: link for link in [*LINKS, *(links or [])]}
    return {"workflow": json.dumps({"nodes": [*nodes.values()], "links": [*all_links.values()], **extra})}


def with_values(id_: int, values: Any, **more: Any) -> dict[str, Any]:
    """Return a node of the default workflow with the given values changed."""
    return {**next(node for node in NODES if node["id"] == id_), "widgets_values": values, **more}


def test_the_default_workflow_becomes_one_stage(line_of: Imports) -> None:
    assert line_of(workflow()) == (LINE, ())


@pytest.mark.parametrize("tens", range(15))
def test_a_line_written_as_a_workflow_is_read_back(tens: int) -> None:
    for seed in range(tens * 10, tens * 10 + 10):
        check_read_back(seed, edited)


@pytest.mark.parametrize("values", [[5, True, 20, 8, "euler", "normal", 1], {**BASE["3"]["inputs"]}])
def test_widget_values_are_read_by_position_and_by_name(line_of: Imports, values: Any) -> None:
    assert line_of(workflow(with_values(3, values))) == (LINE, ())


@pytest.mark.parametrize("control", ["randomize", "increment", "decrement"])
def test_a_seed_that_the_editor_changes_after_each_run_is_noted(line_of: Imports, control: str) -> None:
    line, notes = line_of(workflow(with_values(3, [5, control, 20, 8, "euler", "normal", 1])))
    note = "node 3 `KSampler`: its seed changes after each image and may differ from the seed of the saved image"
    assert (line, notes) == (LINE, (note,))


def test_a_prompt_with_randomly_chosen_words_is_noted(line_of: Imports) -> None:
    line, notes = line_of(workflow(with_values(6, ["a {red|blue} fox"])))
    assert line.startswith('t2i "a {red|blue} fox"')
    assert notes == ("`{red|blue}` stands for one of several alternatives; which one was used is not recorded",)


def test_links_are_followed_through_primitives_and_reroutes(line_of: Imports) -> None:
    seed = {"name": "seed", "type": "INT", "link": 20, "widget": {"name": "seed"}}
    sampler = with_values(3, [0, "fixed", 20, 8, "euler", "normal", 1], inputs=[*NODES[3]["inputs"], seed])
    primitive = {"id": 40, "type": "PrimitiveNode", "widgets_values": [5, "fixed"]}
    reroute = {"id": 41, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 21}]}
    links = [[20, 40, 0, 3, 4, "INT"], [21, 4, 0, 41, 0, "*"], [1, 41, 0, 3, 0, "MODEL"]]
    assert line_of(workflow(sampler, primitive, reroute, links=links)) == (LINE, ())
    changing = {**primitive, "widgets_values": [5, "randomize"]}
    note = "node 3 `KSampler`: its seed changes after each image and may differ from the seed of the saved image"
    assert line_of(workflow(sampler, changing, reroute, links=links)) == (LINE, (note,))


LORA = {
    "id": 42, "type": "LoraLoader", "widgets_values": ["fur", 1, 1],
    "inputs": [{"name": "model", "type": "MODEL", "link": 21}, {"name": "clip", "type": "CLIP", "link": 22}],
}  # fmt: skip
LORA_LINKS = [[21, 4, 0, 42, 0, "MODEL"], [22, 4, 1, 42, 1, "CLIP"], [1, 42, 0, 3, 0, "MODEL"],
              [3, 42, 1, 6, 0, "CLIP"]]  # fmt: skip


def test_a_bypassed_node_passes_on_the_input_of_the_same_type(line_of: Imports) -> None:
    assert line_of(workflow({**LORA, "mode": 4}, links=LORA_LINKS)) == (LINE, ())
    note = "node 42 `LoraLoader` is not supported: lora_name fur, strength_model 1, strength_clip 1"
    assert line_of(workflow(LORA, links=LORA_LINKS)) == (LINE, (note,))


def test_a_muted_node_is_ignored(line_of: Imports) -> None:
    line, _ = line_of(workflow({**LORA, "mode": 2}, links=LORA_LINKS))
    assert line == LINE.replace(" --model dreamshaper_8", "")


def test_links_through_set_and_get_nodes_are_followed(line_of: Imports) -> None:
    put = {"id": 43, "type": "SetNode", "widgets_values": ["m"], "inputs": [{"name": "MODEL", "link": 21}]}
    get = {"id": 44, "type": "GetNode", "widgets_values": ["m"]}
    links = [[21, 4, 0, 43, 0, "MODEL"], [1, 44, 0, 3, 0, "MODEL"]]
    assert line_of(workflow(put, get, links=links)) == (LINE, ())


def subgraph(seed_link: int | None = None, **use: Any) -> dict[str, str]:
    """Return the default workflow with its sampler and decoder moved into a subgraph."""
    inner = {
        "id": "sub", "name": "Sampling",
        "inputs": [{"name": name} for name in ("model", "positive", "negative", "latent_image", "seed")],
        "outputs": [{"name": "IMAGE"}],
        "nodes": [
            {"id": 1, "type": "KSampler", "widgets_values": [0, "fixed", 20, 8, "euler", "normal", 1], "inputs": [
                {"name": "model", "link": 1}, {"name": "positive", "link": 2}, {"name": "negative", "link": 3},
                {"name": "latent_image", "link": 4}, {"name": "seed", "link": 7, "widget": {"name": "seed"}}]},
            {"id": 2, "type": "VAEDecode", "inputs": [{"name": "samples", "link": 5}]},
        ],
        "links": [
            *({"id": n + 1, "origin_id": -10, "origin_slot": n, "target_id": 1, "target_slot": n, "type": "*"}
              for n in range(4)),
            {"id": 7, "origin_id": -10, "origin_slot": 4, "target_id": 1, "target_slot": 4, "type": "INT"},
            {"id": 5, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": 0, "type": "LATENT"},
            {"id": 6, "origin_id": 2, "origin_slot": 0, "target_id": -20, "target_slot": 0, "type": "IMAGE"},
        ],
    }  # fmt: skip
    seed = {"name": "seed", "link": seed_link, "widget": {"name": "seed"}}
    used = {"id": 8, "type": "sub", "inputs": [*NODES[3]["inputs"], seed], **use}
    texts = json.loads(workflow(used, definitions={"subgraphs": [inner]})["workflow"])
    texts["nodes"] = [node for node in texts["nodes"] if node["id"] != 3]
    return {"workflow": json.dumps(texts)}


@pytest.mark.parametrize(
    "use",
    [
        {"widgets_values": [5]},
        {"widgets_values": [5], "properties": {"proxyWidgets": [["-1", "seed"]]}},
        {"widgets_values": [5, 20], "properties": {"proxyWidgets": [["1", "seed"], ["1", "steps"]]}},
    ],
)
def test_a_subgraph_is_read_with_the_values_set_where_it_is_used(line_of: Imports, use: dict[str, Any]) -> None:
    assert line_of(subgraph(**use)) == (LINE, ())


def test_a_subgraph_that_contains_itself_is_refused() -> None:
    inner = {"id": "sub", "nodes": [{"id": 1, "type": "sub"}], "links": []}
    text = json.dumps({"nodes": [{"id": 1, "type": "sub"}], "links": [], "definitions": {"subgraphs": [inner]}})
    with pytest.raises(Unreadable, match=r"^its subgraphs are nested deeper than 20 levels$"):
        comfyui.read(text)
    inner["nodes"] = [{"id": 1, "type": "sub"}, {"id": 2, "type": "sub"}]
    text = json.dumps({"nodes": [{"id": 1, "type": "sub"}], "links": [], "definitions": {"subgraphs": [inner]}})
    with pytest.raises(Unreadable, match=r"nested deeper than 20 levels$|more than 2000 nodes$"):
        comfyui.read(text)


def test_reroutes_in_a_loop_are_refused() -> None:
    reroute = {"id": 41, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 21}]}
    text = workflow(reroute, links=[[21, 41, 0, 41, 0, "*"], [1, 41, 0, 3, 0, "MODEL"]])["workflow"]
    with pytest.raises(Unreadable, match=r"^its links form a loop at node 41$"):
        comfyui.read(text)


def test_the_note_about_an_unknown_node_states_its_values(line_of: Imports) -> None:
    odd = {"id": 45, "type": "OddModel", "inputs": [{"name": "model", "link": 21}], "widgets_values": ["wild", 3]}
    line, notes = line_of(workflow(odd, links=[[21, 4, 0, 45, 0, "MODEL"], [1, 45, 0, 3, 0, "MODEL"]]))
    assert (line, notes) == (LINE, ("node 45 `OddModel` is not supported: widget 1 wild, widget 2 3",))
