"""ComfyUI's `prompt` graph is followed back from the node that saved the image."""

from __future__ import annotations

import json

import pytest

from tests.workflows.importers.comfyui.graphs import LINE, changed, graph, node, sampler
from tests.workflows.importers.conftest import Imports
from workflows.importers import comfyui
from workflows.importers.untrusted import Unreadable


def test_the_default_graph_becomes_one_stage(line_of: Imports) -> None:
    assert line_of(graph()) == (LINE, ())


@pytest.mark.parametrize(
    ("name", "spacing", "ours"),
    [
        ("euler_ancestral", "normal", "euler_a"),
        ("dpmpp_2m", "karras", "dpmpp_2m_k"),
        ("dpmpp_2m_sde_gpu", "karras", "dpmpp_2m_sde_k"),
        ("uni_pc_bh2", "simple", "unipc"),
        ("ddim", "ddim_uniform", "ddim"),
        ("dpm_2_ancestral", "karras", "kdpm_2_a_k"),
    ],
)
def test_samplers_are_converted_to_equivalent_schedulers(line_of: Imports, name: str, spacing: str, ours: str) -> None:
    assert f"--scheduler {ours} " in line_of(graph(n3=sampler(sampler_name=name, scheduler=spacing)))[0]


def test_nodes_without_an_equivalent_are_reported_with_their_values(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n3=sampler(model=["40", 0], positive=["41", 0]),
            n40=node("LoraLoader", lora_name="fur.safetensors", strength_model=0.8, model=["4", 0], clip=["4", 1]),
            n41=node("ControlNetApply", conditioning=["6", 0], control_net=["42", 0]),
            n42=node("ControlNetLoader", control_net_name="canny"),
            n43=node("Note", text="hello"),
        )
    )
    assert line == LINE
    assert notes == (
        "node 41 `ControlNetApply` is not supported",
        "node 40 `LoraLoader` is not supported: lora_name fur.safetensors, strength_model 0.8",
        "node 42 `ControlNetLoader` is not supported: control_net_name canny",
    )


def test_an_unused_input_is_reported_with_its_value(line_of: Imports) -> None:
    assert line_of(graph(n3=sampler(sharpness=2.5, mask_name="m.png"))) == (
        LINE,
        ("node 3 `KSampler`: not supported: sharpness 2.5, mask_name m.png",),
    )


def test_unsupported_nodes_beyond_a_limit_are_only_counted(line_of: Imports) -> None:
    chain = {f"n{i}": node("Odd", samples=[str(i + 1), 0]) for i in range(100, 130)}
    chain["n130"] = node("Odd", samples=["5", 0])
    _, notes = line_of(graph(n3=sampler(latent_image=["100", 0]), **chain))
    assert notes[-1] == "11 more nodes are not supported"
    assert len(notes) == 21


def test_nodes_that_do_not_lead_to_the_image_are_not_reported(line_of: Imports) -> None:
    assert line_of(graph(n50=node("Odd", strength=3), n51=node("KSampler", latent_image=["5", 0])))[1] == ()


SECOND = {
    "n20": sampler(seed=6, latent_image=["5", 0]),
    "n21": node("VAEDecode", samples=["20", 0]),
    "n22": node("SaveImage", filename_prefix="second/other", images=["21", 0]),
}


def test_the_node_whose_file_name_prefix_matches_is_taken_as_the_one_that_saved_the_image() -> None:
    text = graph(**SECOND)["prompt"]
    for name, seed in (("ComfyUI_00001_.png", 5), ("x/other_00001_.png", 6), ("renamed.png", 5)):
        found = comfyui.read(text, name)
        assert found is not None
        assert found.steps[0].values["seed"] == seed
        assert found.notes[0].startswith("the graph makes 2 images: this line makes the one saved by node ")


UNTRACED = "the image of node 1 `SaveImage` cannot be traced to a sampler or a file"


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        ({"1": node("KSampler", seed=5)}, "it has no node that saves an image"),
        (
            {"1": node("SaveImage", images=["2", 0]), "2": node("MagicImage", mood="wild")},
            f"{UNTRACED}: node 2 `MagicImage` is not supported: mood wild",
        ),
        ({"1": node("SaveImage", images=["7", 0])}, UNTRACED),
        (
            {"1": node("SaveImage", images=["2", 0]), "2": node("ImageBlur", image=["2", 0])},
            "its links form a loop at node 2 `ImageBlur`",
        ),
        (
            changed(n6=node("CLIPTextEncode", text=["10", 0]), n10=node("StringTrim", string=["10", 0], mode="Both")),
            "its links form a loop at node 10 `StringTrim`",
        ),
        (
            changed(n6=node("Reroute", value=["10", 0]), n10=node("Reroute", value=["6", 0])),
            "its links form a loop at node 6 `Reroute`",
        ),
        (
            changed(n6=node("ComfySwitchNode", switch=["6", 0], on_true=["7", 0])),
            "its links form a loop at node 6 `ComfySwitchNode`",
        ),
        (
            changed(**{f"n{i}": node("LatentOdd", samples=[str(i + 1), 0]) for i in range(100, 200)},
                    n3=sampler(latent_image=["100", 0])),
            "more than 80 of its nodes form a single chain",
        ),
        ({str(i): node("Odd") for i in range(2001)}, "it has 2001 nodes; at most 2000 are read"),
    ],
)  # fmt: skip
def test_the_error_for_an_unreadable_graph_states_the_reason(nodes: dict[str, object], why: str) -> None:
    with pytest.raises(Unreadable) as error:
        comfyui.read(json.dumps(nodes))
    assert str(error.value) == why


def test_a_node_reached_by_several_links_is_followed_once() -> None:
    names = ("image", "images", "pixels", "image1", "samples")
    forked = {str(i): node("Fork", **{name: [str(i + 1), 0] for name in names}) for i in range(60)}
    with pytest.raises(Unreadable, match="the image of node s `SaveImage` cannot be traced"):
        comfyui.read(json.dumps({**forked, "s": node("SaveImage", images=["0", 0])}))


def test_a_long_chain_of_reroute_nodes_is_followed(line_of: Imports) -> None:
    chain = {f"n{i}": node("Reroute", value=[str(i + 1), 0]) for i in range(1000, 1900)}
    chain["n1900"] = node("Reroute", value=["6", 0])
    assert line_of(graph(n3=sampler(positive=["1000", 0]), **chain)) == (LINE, ())
