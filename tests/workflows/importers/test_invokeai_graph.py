"""InvokeAI's graphs, as its server runs them and as its editor saves them, are followed back from the image.

The fields follow InvokeAI's invokeai/app/invocations (denoise_latents.py, noise.py, compel.py, strings.py, image.py).
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports
from workflows.importers import invokeai_graph
from workflows.importers.untrusted import Unreadable

MODEL = {"key": "0f", "hash": "blake3:1", "name": "Dreamshaper_8", "base": "sd-1", "type": "main"}
NODES: dict[str, dict[str, Any]] = {
    "loader": {"type": "main_model_loader", "model": MODEL},
    "skip": {"type": "clip_skip", "skipped_layers": 1},
    "text": {"type": "string", "value": "a (red)1.2 fox"},
    "pos": {"type": "compel"},
    "neg": {"type": "compel", "prompt": "blur"},
    "collect": {"type": "collect", "item": None, "collection": []},
    "noise": {"type": "noise", "seed": 77, "width": 512, "height": 640, "use_cpu": True},
    "denoise": {"type": "denoise_latents", "steps": 30, "cfg_scale": 7.5, "denoising_start": 0, "denoising_end": 1,
                "scheduler": "dpmpp_2m_k", "cfg_rescale_multiplier": 0},
    "meta": {"type": "core_metadata", "positive_prompt": "a fox"},
    "l2i": {"type": "l2i", "tiled": False, "fp32": True, "is_intermediate": False},
}  # fmt: skip
LINKS = [
    "loader.unet > denoise.unet", "loader.clip > skip.clip", "skip.clip > pos.clip", "skip.clip > neg.clip",
    "text.value > pos.prompt", "text.value > meta.positive_prompt", "pos.conditioning > collect.item",
    "collect.collection > denoise.positive_conditioning", "neg.conditioning > denoise.negative_conditioning",
    "noise.noise > denoise.noise", "denoise.latents > l2i.latents", "loader.vae > l2i.vae",
    "meta.metadata > l2i.metadata",
]  # fmt: skip
WORDS = '"a (red)1.2 fox" --negative blur --model dreamshaper_8'
SAMPLED = "--steps 30 --guidance 7.5 --scheduler dpmpp_2m_k --seed 77 --clip-skip 1"
CONTINUES = (
    "node again `denoise_latents` continues without new noise: `i2i` adds noise, "
    "with the seed of the previous stage and a strength of 0.2"
)
LINE = f"t2i {WORDS} {SAMPLED} --width 512 --height 640"


def ends(link: str) -> list[list[str]]:
    return [end.split(".") for end in link.split(" > ")]


def server_form(nodes: dict[str, dict[str, Any]], links: list[str]) -> dict[str, Any]:
    usual = {"is_intermediate": True, "use_cache": True}
    edges = [
        {"source": {"node_id": a, "field": b}, "destination": {"node_id": c, "field": d}}
        for (a, b), (c, d) in map(ends, links)
    ]
    return {"id": "g", "nodes": {id_: {"id": id_, **usual, **node} for id_, node in nodes.items()}, "edges": edges}


def editor_form(nodes: dict[str, dict[str, Any]], links: list[str]) -> dict[str, Any]:
    shown = [
        {
            "id": id_,
            "type": "invocation",
            "data": {
                "type": node["type"],
                "isIntermediate": node.get("is_intermediate", True),
                "inputs": {name: {"name": name, "value": value} for name, value in node.items() if name not in HIDDEN},
            },
        }
        for id_, node in nodes.items()
    ]
    edges = [
        {"type": "default", "source": a, "sourceHandle": b, "target": c, "targetHandle": d}
        for (a, b), (c, d) in map(ends, links)
    ]
    return {"name": "w", "nodes": [*shown, {"id": "n", "type": "notes", "data": {}}], "edges": edges}


HIDDEN = ("type", "is_intermediate")
FORMS = {"invokeai_graph": server_form, "invokeai_workflow": editor_form}


def read(
    line_of: Imports,
    nodes: dict[str, dict[str, Any]] | None = None,
    links: list[str] | None = None,
    without: tuple[str, ...] = (),
) -> tuple[str, tuple[str, ...]]:
    """Return the line for the default graph with these changes; check that both forms result in the same line."""
    all_links = [link for link in LINKS if link.split(" > ")[1] not in without] + (links or [])
    found = [line_of({key: json.dumps(form({**NODES, **(nodes or {})}, all_links))}) for key, form in FORMS.items()]
    assert found[0] == found[1]
    return found[0]


def test_the_default_graph_becomes_one_stage(line_of: Imports) -> None:
    assert read(line_of) == (LINE, ())


def test_strings_are_followed_through_nodes_that_join_them(line_of: Imports) -> None:
    joined = {
        "text": {"type": "string_join", "string_left": "a (red)1.2"},
        "end": {"type": "string_join_three", "string_left": " ", "string_middle": "fo", "string_right": "x"},
    }
    assert read(line_of, joined, ["end.value > text.string_right"])[0] == LINE


def test_denoising_from_an_image_becomes_i2i_with_a_strength(line_of: Imports) -> None:
    nodes = {
        "image": {"type": "image", "image": {"image_name": "cat.png"}},
        "i2l": {"type": "i2l", "tiled": False, "fp32": False},
        "denoise": {**NODES["denoise"], "denoising_start": 0.4},
    }
    links = ["image.image > i2l.image", "loader.vae > i2l.vae", "i2l.latents > denoise.latents"]
    line, notes = read(line_of, nodes, links)
    assert line == f"load cat.png | i2i {WORDS} {SAMPLED} --strength 0.6"
    assert notes == ("generation starts from the file `cat.png` in InvokeAI's image folder",)


def test_a_second_pass_without_new_noise_becomes_a_stage(line_of: Imports) -> None:
    again = {**NODES["denoise"], "denoising_start": 0.8}
    nodes = {"denoise": {**NODES["denoise"], "denoising_end": 0.8}, "again": again}
    links = ["denoise.latents > again.latents", "again.latents > l2i.latents", "loader.unet > again.unet",
             "pos.conditioning > again.positive_conditioning",
             "neg.conditioning > again.negative_conditioning"]  # fmt: skip
    line, notes = read(line_of, nodes, links, without=("l2i.latents",))
    assert line == f"{LINE} | i2i {WORDS} {SAMPLED} --strength 0.2"
    assert notes == (
        "node denoise `denoise_latents` stops at 80% of its steps: this line takes all steps",
        CONTINUES,
    )


@pytest.mark.parametrize(
    ("change", "stage"),
    [
        (
            {"type": "img_resize", "width": 64, "height": 32, "resample_mode": "bicubic"},
            "resize 64 32 --method bicubic",
        ),
        ({"type": "img_scale", "scale_factor": 0.5, "resample_mode": "lanczos"}, "scale 0.5"),
        ({"type": "img_crop", "x": 8, "y": 0, "width": 64, "height": 32}, "crop 64 32 --left 8 --top 0"),
        ({"type": "img_blur", "radius": 3, "blur_type": "gaussian"}, "blur 3"),
        ({"type": "save_image"}, ""),
    ],
)
def test_postprocessing_nodes_become_stages(line_of: Imports, change: dict[str, Any], stage: str) -> None:
    line, notes = read(line_of, {"change": {**change, "is_intermediate": False}}, ["l2i.image > change.image"])
    assert line == (f"{LINE} | {stage}" if stage else LINE)
    assert notes == ()


@pytest.mark.parametrize(
    ("nodes", "links", "notes"),
    [
        ({"l2i": {**NODES["l2i"], "tile_size": 64}}, [], ("node l2i `l2i`: not supported: tile_size 64",)),
        (
            {"lora": {"type": "lora_loader", "lora": {"name": "fur"}, "weight": 0.7}},
            ["loader.unet > lora.unet", "lora.unet > denoise.unet"],
            ("node lora `lora_loader` is not supported: lora {'name': 'fur'}, weight 0.7",),
        ),
        (
            {"denoise": {**NODES["denoise"], "cfg_scale": [7, 6], "cfg_rescale_multiplier": 0.7}},
            [],
            ("node denoise `denoise_latents`: `cfg_scale: [7, 6]` is ignored: it is not a single value",
             "node denoise `denoise_latents`: not supported: cfg_rescale_multiplier 0.7"),
        ),
        (
            {"mask": {"type": "create_denoise_mask", "tiled": False}},
            ["mask.denoise_mask > denoise.denoise_mask"],
            ("only a masked area was generated, and this line does not contain the mask: see `inpaint`",
             "node mask `create_denoise_mask` is not supported"),
        ),
        (
            {"rand": {"type": "rand_int", "low": 0, "high": 99}},
            ["rand.value > noise.seed"],
            ("node noise `noise`: `seed` comes from node rand `rand_int` and is not known",
             "no seed is recorded: the image will be different",
             "node rand `rand_int` is not supported: high 99"),
        ),
        (
            {"pos": {"type": "sdxl_compel_prompt", "style": "oil"}}, [],
            ("node pos `sdxl_compel_prompt`: its second prompt is ignored: style `oil`",),
        ),
        (
            {"more": {"type": "compel", "prompt": "in snow"}},
            ["more.conditioning > collect.item"],
            ("node more `compel` is not supported: prompt in snow",),
        ),
    ],
)  # fmt: skip
def test_nodes_and_inputs_that_are_left_out_are_noted(
    line_of: Imports, nodes: dict[str, Any], links: list[str], notes: tuple[str, ...]
) -> None:
    taken = tuple(link.split(" > ")[1] for link in links if not link.endswith("collect.item"))
    assert read(line_of, nodes, links, without=taken)[1] == notes


def test_the_fields_of_flux_nodes_are_read(line_of: Imports) -> None:
    nodes = {
        "loader": {"type": "flux_model_loader", "model": MODEL},
        "pos": {"type": "flux_text_encoder", "prompt": "a cat"},
        "denoise": {"type": "flux_denoise", "width": 640, "height": 512, "num_steps": 4, "guidance": 4, "seed": 3},
        "l2i": {"type": "flux_vae_decode", "is_intermediate": False},
    }
    links = ["loader.transformer > denoise.transformer", "pos.conditioning > denoise.positive_text_conditioning",
             "denoise.latents > l2i.latents", "loader.vae > l2i.vae"]  # fmt: skip
    for key, form in FORMS.items():
        line, notes = line_of({key: json.dumps(form(nodes, links))})
        assert line == 't2i "a cat" --model dreamshaper_8 --steps 4 --guidance 4 --seed 3 --width 640 --height 512'
        assert notes == ()


def test_a_graph_without_an_image_or_with_a_loop_is_refused() -> None:
    for links, why in (
        (["l2i.latents > denoise.latents"], "its links form a loop at node denoise `denoise_latents`"),
        ([], "no image can be traced from its last nodes to a denoising node or a file: node alone `noise`"),
    ):
        nodes = NODES if links else {"alone": NODES["noise"]}
        kept = [link for link in LINKS if links] + ["denoise.latents > denoise.latents"] * bool(links)
        with pytest.raises(Unreadable) as refusal:
            invokeai_graph.read(json.dumps(server_form(nodes, kept)))
        assert str(refusal.value) == why
