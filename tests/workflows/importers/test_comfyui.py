"""ComfyUI's `prompt` graph, followed back from the saved image."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports


def node(kind: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


BASE = {
    "3": node("KSampler", seed=156680208700286, steps=20, cfg=8, sampler_name="euler", scheduler="normal", denoise=1,
              model=["4", 0], positive=["6", 0], negative=["7", 0], latent_image=["5", 0]),
    "4": node("CheckpointLoaderSimple", ckpt_name="sd/dreamshaper_8.safetensors"),
    "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
    "6": node("CLIPTextEncode", text="a (red:1.3) fox, [x]", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="ugly", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}  # fmt: skip
LINE = (
    't2i "a (red)1.3 fox, [x]" --negative ugly --model dreamshaper_8 --steps 20 --guidance 8 --scheduler euler '
    "--seed 156680208700286 --width 512 --height 768"
)
WORDS = '"a (red)1.3 fox, [x]" --negative ugly --model dreamshaper_8'


def graph(**more: Any) -> dict[str, str]:
    return {"prompt": json.dumps({**BASE, **{key.removeprefix("n"): value for key, value in more.items()}})}


def test_the_usual_graph_is_one_stage(line_of: Imports) -> None:
    assert line_of(graph()) == (LINE, ())


@pytest.mark.parametrize(
    ("sampler", "spacing", "ours"),
    [
        ("euler_ancestral", "normal", "euler_a"),
        ("dpmpp_2m", "karras", "dpmpp_2m_k"),
        ("dpmpp_2m_sde_gpu", "karras", "dpmpp_2m_sde_k"),
        ("uni_pc_bh2", "simple", "unipc"),
        ("ddim", "ddim_uniform", "ddim"),
        ("dpm_2_ancestral", "karras", "kdpm_2_a_k"),
    ],
)
def test_samplers_have_their_counterparts(line_of: Imports, sampler: str, spacing: str, ours: str) -> None:
    sampling = {**BASE["3"]["inputs"], "sampler_name": sampler, "scheduler": spacing}
    assert f"--scheduler {ours} " in line_of(graph(n3=node("KSampler", **sampling)))[0]


def test_image_to_image_begins_with_a_load(line_of: Imports) -> None:
    sampling = {**BASE["3"]["inputs"], "latent_image": ["11", 0], "denoise": 0.6}
    line, notes = line_of(
        graph(
            n3=node("KSampler", **sampling),
            n10=node("LoadImage", image="cat.png"),
            n11=node("VAEEncode", pixels=["10", 0]),
        )
    )
    assert (
        line
        == f"load cat.png | i2i {WORDS} --steps 20 --guidance 8 --scheduler euler --seed 156680208700286 --strength 0.6"
    )
    assert notes[0] == "it starts from the file `cat.png` in ComfyUI's input folder"


def test_a_second_pass_over_larger_latents_is_imported(line_of: Imports) -> None:
    again = {**BASE["3"]["inputs"], "latent_image": ["20", 0], "denoise": 0.5, "steps": 10}
    line, notes = line_of(
        graph(n20=node("LatentUpscaleBy", samples=["3", 0], scale_by=1.5), n21=node("KSampler", **again),
              n8=node("VAEDecode", samples=["21", 0]))
    )  # fmt: skip
    assert line.split(" | ") == [
        LINE,
        "upscale 1.5",
        f"i2i {WORDS} --steps 10 --guidance 8 --scheduler euler --seed 156680208700286 --strength 0.5",
    ]
    assert notes == ()


def test_postprocessing_becomes_stages(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n30=node("UpscaleModelLoader", model_name="4x-UltraSharp.pth"),
            n31=node("ImageUpscaleWithModel", upscale_model=["30", 0], image=["8", 0]),
            n32=node("ImageScale", image=["31", 0], width=1024, height=1536, upscale_method="area", crop="disabled"),
            n33=node("ImageInvert", image=["32", 0]),
            n9=node("SaveImage", images=["33", 0]),
        )
    )
    assert line == f"{LINE} | upscale 4 | resize 1024 1536 | invert"
    assert notes == ("the upscaler `4x-UltraSharp.pth` is not available: `upscale` uses its own method",)


def test_nodes_without_a_counterpart_are_named(line_of: Imports) -> None:
    sampling = {**BASE["3"]["inputs"], "model": ["40", 0], "positive": ["41", 0]}
    line, notes = line_of(
        graph(
            n3=node("KSampler", **sampling),
            n40=node("LoraLoader", lora_name="fur.safetensors", model=["4", 0], clip=["4", 1]),
            n41=node("ControlNetApply", conditioning=["6", 0], control_net=["42", 0]),
            n42=node("ControlNetLoader", control_net_name="canny"),
            n43=node("Note", text="hello"),
        )
    )
    assert line == LINE
    assert notes == (
        "node 41 `ControlNetApply` is not supported",
        "node 40 `LoraLoader` (fur.safetensors) is not supported",
        "node 42 `ControlNetLoader` is not supported",
    )


def test_clip_skip_and_values_from_other_nodes_are_imported(line_of: Imports) -> None:
    sampling = {**BASE["3"]["inputs"], "seed": ["50", 0]}
    line, _ = line_of(
        graph(n3=node("KSampler", **sampling), n50=node("PrimitiveInt", value=7),
              n51=node("PrimitiveString", value="a cat"),
              n52=node("CLIPSetLastLayer", stop_at_clip_layer=-2, clip=["4", 1]),
              n6=node("CLIPTextEncode", text=["51", 0], clip=["52", 0]))
    )  # fmt: skip
    assert line.startswith('t2i "a cat" --negative ugly')
    assert "--seed 7 --clip-skip 1 " in line


def test_newer_samplers_have_separate_nodes(line_of: Imports) -> None:
    line, _ = line_of(
        graph(
            n3=node("SamplerCustomAdvanced", noise=["60", 0], guider=["61", 0], sampler=["62", 0], sigmas=["63", 0],
                    latent_image=["5", 0]),
            n60=node("RandomNoise", noise_seed=9),
            n61=node("CFGGuider", cfg=3.5, model=["4", 0], positive=["6", 0], negative=["7", 0]),
            n62=node("KSamplerSelect", sampler_name="heun"),
            n63=node("BasicScheduler", scheduler="karras", steps=12, denoise=1, model=["4", 0]),
        )
    )  # fmt: skip
    assert line == f"t2i {WORDS} --steps 12 --guidance 3.5 --scheduler heun_k --seed 9 --width 512 --height 768"


def test_graphs_with_cycles_and_forks_terminate(line_of: Imports) -> None:
    from workflows.importers.comfyui import read

    circle = {"1": node("SaveImage", images=["2", 0]), "2": node("ImageBlur", image=["2", 0], images=["2", 0])}
    assert read(json.dumps(circle)) is None
    names = ("image", "images", "pixels", "image1", "samples")
    forked = {str(i): node("Fork", **{name: [str(i + 1), 0] for name in names}) for i in range(200)}
    assert read(json.dumps({**forked, "s": node("SaveImage", images=["0", 0])})) is None
    again = {**BASE["3"]["inputs"], "latent_image": ["3", 0], "model": ["3", 0], "positive": ["3", 0]}
    line_of(graph(n3=node("KSampler", **again)))
