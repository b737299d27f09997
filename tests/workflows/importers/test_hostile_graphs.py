"""Import hostile graphs: every import finishes quickly, with either a line that can be planned or a single error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.importers.comfyui.graphs import changed, node, sampler
from tests.workflows.importers.comfyui.test_workflow_form import LINKS, NODES, subgraph
from tests.workflows.importers.test_hostile import JSON, stages_of
from tests.workflows.importers.test_invokeai_graph import LINKS as INVOKE_LINKS
from tests.workflows.importers.test_invokeai_graph import NODES as INVOKE_NODES
from tests.workflows.importers.test_invokeai_graph import editor_form, server_form
from workflows.importers.graph_file import read_graph_file
from workflows.importers.untrusted import Unreadable

RICH = changed(
    n3=node("SamplerCustomAdvanced", noise=["60", 0], guider=["61", 0], sampler=["62", 0], sigmas=["64", 1],
            latent_image=["20", 0]),
    n6=node("CLIPTextEncode", text=["11", 0], clip=["52", 0]),
    n11=node("StringConcatenate", string_a="a", string_b=["12", 0], delimiter=" "),
    n12=node("StringSubstring", string="a fox", start=2, end=5),
    n20=node("LatentUpscaleBy", samples=["5", 0], upscale_method="bislerp", scale_by=1.5),
    n52=node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
    n60=node("RandomNoise", noise_seed=["65", 0]),
    n61=node("CFGGuider", cfg=["66", 2], model=["4", 0], positive=["6", 0], negative=["7", 0]),
    n62=node("KSamplerSelect", sampler_name="heun"),
    n63=node("BasicScheduler", scheduler="karras", steps=12, denoise=0.5, model=["4", 0]),
    n64=node("SplitSigmas", sigmas=["63", 0], step=3),
    n65=node("ComfySwitchNode", switch=True, on_true=7, on_false=8),
    n66=node("KSampler Config (rgthree)", steps_total=9, cfg=6.5),
    n30=node("ImageScale", image=["8", 0], width=64, height=64, upscale_method="area", crop="center"),
    n9=node("SaveImage", images=["30", 0]),
)  # fmt: skip
DOCUMENTS: list[Any] = [
    RICH,
    {"nodes": NODES, "links": LINKS},
    json.loads(subgraph(widgets_values=[5])["workflow"]),
    server_form(INVOKE_NODES, INVOKE_LINKS),
    editor_form(INVOKE_NODES, INVOKE_LINKS),
]
NASTY = [
    10**400, -(10**400), 2**64, 1e308, -1e308, -1, 0, "", "\0\u202e", [], {}, None, True, ["3", -(10**9)], ["8", 0],
    [[]], "9" * 400, "x" * 30_000,
]  # fmt: skip


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every value in a JSON document."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from places(value, (*path, key))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a copy of a JSON document with the value at a path replaced."""
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = replaced(data[path[0]], path[1:], value)
    return copy


def check(data: Any) -> None:
    """Check that a JSON document is either read as a line or refused with one short reason."""
    try:
        found = read_graph_file(json.dumps(data))
    except Unreadable as refusal:
        why = str(refusal)
        assert 0 < len(why) < 600, why
        return
    assert stages_of(found)
    assert all(len(note) < 2000 for note in found.notes)


@pytest.mark.parametrize("document", DOCUMENTS, ids=["api", "workflow", "subgraph", "server", "editor"])
def test_no_value_at_any_path_makes_a_reader_crash(document: Any) -> None:
    for number, path in enumerate(places(document)):
        for offset in (0, 7):
            check(replaced(document, path, NASTY[(number + offset) % len(NASTY)]))


@given(st.sampled_from(DOCUMENTS), st.lists(st.tuples(st.integers(0, 10_000), JSON), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_no_mutated_document_makes_a_reader_crash(document: Any, changes: list[tuple[int, Any]]) -> None:
    for number, value in changes:
        paths = list(places(document))
        document = replaced(document, paths[number % len(paths)], value) if paths else document
    check(document)


WIDE = {f"text_{i}": ["6", 0] for i in range(60_000)}
CHAIN = {f"n{i}": node("Reroute", value=[str(i + 1), 0]) for i in range(100, 1990)}
PULLS = [{"id": 100 + i, "type": "GetNode", "widgets_values": [str(i)]} for i in range(900)]
PUTS = [
    {"id": 1100 + i, "type": "SetNode", "widgets_values": [str(i)], "inputs": [{"name": "*", "link": 100 + i}]}
    for i in range(900)
]
MANY = [{"name": f"i{i}", "link": 100} for i in range(40_000)]
LARGE = {
    "wide joins": changed(n6=node("JoinStrings", **WIDE), n3=sampler(positive=["10", 0]),
                          n10=node("CLIPTextEncode", text=["6", 0], clip=["4", 1])),
    "wide nodes": changed(n4=node("Odd", **WIDE), **{f"n{i}": node("Odd", model=["4", 0]) for i in range(100, 1900)}),
    "long reroutes": changed(**CHAIN, n3=sampler(**{f"i{i}": ["100", 0] for i in range(9_000)}, positive=["100", 0])),
    "doubled texts": changed(
        **{f"n{i}": node("StringConcatenate", string_a=[str(i + 1), 0], string_b=[str(i + 1), 0], delimiter="")
           for i in range(100, 160)},
        n160=node("PrimitiveString", value="fox" * 100), n6=node("CLIPTextEncode", text=["100", 0], clip=["4", 1])),
    "replaced texts": changed(
        n6=node("CLIPTextEncode", text=["10", 0], clip=["4", 1]),
        n10=node("StringFunction|pysssss", action="replace", text_a="a" * 20_000, text_b="a", text_c="b" * 20_000)),
    "named links": {
        "nodes": [*NODES, *PULLS, *PUTS, {"id": 5000, "type": "Odd", "inputs": MANY}],
        "links": [*LINKS, *([100 + i, 101 + i, 0, 1100 + i, 0, "*"] for i in range(900))],
    },
    "weights": changed(n6=node("CLIPTextEncode", text="(" * 9_000 + "a" + ":1.1)" * 2_000, clip=["4", 1])),
    "many values": server_form(
        {**INVOKE_NODES, "text": {"type": "string_join", **dict.fromkeys(WIDE, 1)}}, INVOKE_LINKS),
}  # fmt: skip


@pytest.mark.parametrize("name", LARGE)
def test_a_large_graph_is_read_or_refused_without_hanging(name: str) -> None:
    assert len(json.dumps(LARGE[name])) < 4 * 2**20
    check(LARGE[name])
