"""ComfyUI's samplers, single or in sequence, are converted to stages."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import LINE, SAMPLED, SIZE, WORDS, graph, node, sampler
from tests.workflows.importers.conftest import Imports
from workflows.importers.masks import MISSING

SOURCE = "generation starts from the file `cat.png` in ComfyUI's input folder"
FEWER = "node 3 `KSampler`: at `denoise: 0.6`, ComfyUI takes all 20 steps, but `i2i` takes only 12"
ENLARGED = "node 20 `LatentUpscaleBy` resizes latents: `upscale` resizes the decoded image instead"


def advanced(**inputs: Any) -> dict[str, Any]:
    usual = {name: value for name, value in sampler()["inputs"].items() if name not in ("seed", "denoise")}
    own = {"noise_seed": 5, "add_noise": "enable", "start_at_step": 0, "end_at_step": 10000}
    return node("KSamplerAdvanced", **{**usual, **own, **inputs})


def test_sampling_from_an_encoded_image_becomes_i2i(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n3=sampler(latent_image=["11", 0], denoise=0.6),
            n10=node("LoadImage", image="cat.png [input]", upload="image"),
            n11=node("VAEEncode", pixels=["10", 0], vae=["4", 2]),
        )
    )
    assert line == f"load cat.png | i2i {WORDS} {SAMPLED} --strength 0.6"
    assert notes == (SOURCE, FEWER)


@pytest.mark.parametrize("strength", [0.6, 0.25])
def test_a_denoising_strength_below_1_on_empty_latents_is_noted(line_of: Imports, strength: float) -> None:
    note = f"node 3 `KSampler` starts from empty latents at a denoising strength of {strength:g}: `t2i` uses 1"
    assert line_of(graph(n3=sampler(denoise=strength))) == (LINE, (note,))


def test_a_sampler_with_a_denoising_strength_of_0_is_left_out_of_the_line(line_of: Imports) -> None:
    again = sampler(latent_image=["3", 0], denoise=0)
    line, notes = line_of(graph(n21=again, n8=node("VAEDecode", samples=["21", 0])))
    assert (line, notes) == (LINE, ("node 21 `KSampler` changes nothing: its denoising strength is 0",))


def test_a_second_pass_over_enlarged_latents_becomes_upscale_and_i2i(line_of: Imports) -> None:
    line, notes = line_of(
        graph(
            n20=node("LatentUpscaleBy", samples=["3", 0], upscale_method="nearest-exact", scale_by=1.5),
            n21=sampler(latent_image=["20", 0], denoise=0.5, steps=10, seed=9),
            n8=node("VAEDecode", samples=["21", 0]),
        )
    )
    assert line.split(" | ") == [
        LINE,
        "upscale 1.5",
        f"i2i {WORDS} --steps 10 --guidance 8 --scheduler euler --seed 9 --strength 0.5",
    ]
    assert notes == (
        ENLARGED,
        "node 21 `KSampler`: at `denoise: 0.5`, ComfyUI takes all 10 steps, but `i2i` takes only 5",
    )


def test_a_second_pass_over_latents_of_a_given_size_resizes_the_image_to_that_size(line_of: Imports) -> None:
    line, _ = line_of(
        graph(
            n20=node("LatentUpscale", samples=["3", 0], width=768, height=1150, crop="disabled"),
            n21=sampler(latent_image=["20", 0]),
            n8=node("VAEDecode", samples=["21", 0]),
        )
    )
    assert line.split(" | ")[1:] == [
        "resize 768 1144",
        f"i2i {WORDS} {SAMPLED} --strength 1 --width 768 --height 1144",
    ]


@pytest.mark.parametrize(
    ("first", "second", "strength", "seed"),
    [
        ({"end_at_step": 13}, {"start_at_step": 13, "add_noise": "disable", "noise_seed": 0, "steps": 30}, "0.5667", 5),
        ({"end_at_step": 4}, {"start_at_step": 4, "noise_seed": 8}, "0.8", 8),
        ({}, {"start_at_step": 15, "noise_seed": 8}, "0.25", 8),
        ({}, {"noise_seed": 8}, "1", 8),
    ],
)
def test_several_samplers_become_stages_with_denoising_strengths(
    line_of: Imports, first: dict[str, Any], second: dict[str, Any], strength: str, seed: int
) -> None:
    nodes = {"n3": advanced(**first), "n20": advanced(latent_image=["3", 0], **second)}
    line, _ = line_of(graph(**nodes, n8=node("VAEDecode", samples=["20", 0])))
    stage = line.split(" | ")[1]
    assert stage.endswith(f"--seed {seed} --strength {strength}")
    steps = second.get("steps", 20)
    assert int(steps * float(strength)) == steps - second.get("start_at_step", 0)


CUSTOM = {
    "n3": node("SamplerCustomAdvanced", noise=["60", 0], guider=["61", 0], sampler=["62", 0], sigmas=["63", 0],
               latent_image=["5", 0]),
    "n60": node("RandomNoise", noise_seed=9),
    "n61": node("CFGGuider", cfg=3.5, model=["4", 0], positive=["6", 0], negative=["7", 0]),
    "n62": node("KSamplerSelect", sampler_name="heun"),
    "n63": node("BasicScheduler", scheduler="karras", steps=12, denoise=1, model=["4", 0]),
}  # fmt: skip


def test_newer_samplers_read_their_settings_from_separate_nodes(line_of: Imports) -> None:
    line = f"t2i {WORDS} --steps 12 --guidance 3.5 --scheduler heun_k --seed 9 {SIZE}"
    assert line_of(graph(**CUSTOM)) == (line, ())


@pytest.mark.parametrize(
    ("kind", "scheduler", "note"),
    [
        ("KarrasScheduler", "heun_k", ""),
        ("ExponentialScheduler", "heun", "the schedule type `exponential` is not available"),
        ("BetaSamplingScheduler", "heun", "the schedule type `beta` is not available"),
    ],
)
def test_schedules_are_read_from_separate_nodes(line_of: Imports, kind: str, scheduler: str, note: str) -> None:
    line, notes = line_of(graph(**{**CUSTOM, "n63": node(kind, steps=7)}))
    assert f"--steps 7 --guidance 3.5 --scheduler {scheduler} " in line
    assert any(each.startswith(note) for each in ("", *notes))


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        ("SamplerEulerAncestral", "euler_a"),
        ("SamplerDPMPP_2M_SDE", "dpmpp_2m_sde_k"),
        ("SamplerDPMPP_3M_SDE", "dpmpp_3m_sde_k"),
        ("SamplerDPMPP_SDE", "dpmpp_sde_k"),
        ("SamplerLMS", "lms_k"),
    ],
)
def test_sampler_names_are_read_from_separate_nodes(line_of: Imports, kind: str, ours: str) -> None:
    assert f"--scheduler {ours} " in line_of(graph(**{**CUSTOM, "n62": node(kind, eta=1, s_noise=1)}))[0]


def test_a_basic_guider_has_neither_a_negative_prompt_nor_guidance(line_of: Imports) -> None:
    guider = node("BasicGuider", model=["4", 0], conditioning=["6", 0])
    line, _ = line_of(graph(**{**CUSTOM, "n61": guider}))
    assert line.startswith('t2i "a fox" --model dreamshaper_8 --steps 12 --guidance 1 ')


@pytest.mark.parametrize(
    ("split", "strength"),
    [({"class_type": "SplitSigmas", "step": 9}, "0.25"), ({"class_type": "SplitSigmasDenoise", "denoise": 0.5}, "0.5")],
)
def test_a_schedule_split_in_two_becomes_two_stages(line_of: Imports, split: dict[str, Any], strength: str) -> None:
    parts = node(split["class_type"], sigmas=["63", 0], **{k: v for k, v in split.items() if k != "class_type"})
    first = {**CUSTOM["n3"]["inputs"], "sigmas": ["70", 0]}
    second = {**first, "sigmas": ["70", 1], "latent_image": ["3", 0], "noise": ["71", 0]}
    line, notes = line_of(
        graph(
            **{**CUSTOM, "n3": node("SamplerCustomAdvanced", **first)},
            n70=parts,
            n71=node("DisableNoise"),
            n72=node("SamplerCustomAdvanced", **second),
            n8=node("VAEDecode", samples=["72", 0]),
        )
    )
    assert line.split(" | ")[1].endswith(f"--seed 9 --strength {strength}")
    assert notes[0].startswith("node 3 `SamplerCustomAdvanced` stops at step ")
    assert notes[1].startswith("node 72 `SamplerCustomAdvanced` continues without new noise")


@pytest.mark.parametrize(
    ("latents", "size", "notes"),
    [
        (node("EmptySD3LatentImage", width=640, height=512, batch_size=1), "640 512", ()),
        (node("EmptyLatentImage", width=100, height=70), "96 64",
         ("the size 100 x 70 is rounded down to 96 x 64: width and height must be multiples of 8",)),
        (node("EmptyLatentImage", width=640, height=512, batch_size=3), "640 512",
         ("the image was made in a batch of several images: this line makes only the first",)),
        (node("LatentUpscaleBy", samples=["55", 0], scale_by=2), "128 192", ()),
        (node("LatentUpscale", samples=["55", 0], width=640, height=0), "640 96", ()),
    ],
)  # fmt: skip
def test_the_size_is_read_from_the_empty_latents(
    line_of: Imports, latents: dict[str, Any], size: str, notes: tuple[str, ...]
) -> None:
    line, found = line_of(graph(n5=latents, n55=node("EmptyLatentImage", width=64, height=96)))
    width, height = size.split()
    assert line.endswith(f"--width {width} --height {height}")
    assert found == notes


@pytest.mark.parametrize("kind", ["SetLatentNoiseMask", "VAEEncodeForInpaint", "InpaintModelConditioning"])
def test_a_masked_area_is_noted(line_of: Imports, kind: str) -> None:
    source = {"samples": ["12", 0]} if kind == "SetLatentNoiseMask" else {"pixels": ["10", 0]}
    pair = {"positive": ["6", 0], "negative": ["7", 0]} if kind == "InpaintModelConditioning" else {}
    line, notes = line_of(
        graph(
            n3=sampler(latent_image=["11", 2 if pair else 0]),
            n10=node("LoadImage", image="cat.png"),
            n11=node(kind, mask=["10", 1], **source, **pair),
            n12=node("VAEEncode", pixels=["10", 0]),
        )
    )
    assert line == f"load cat.png | i2i {WORDS} {SAMPLED} --strength 1"
    assert set(notes) == {
        MISSING.format("cat.png"),
        SOURCE,
    }


@pytest.mark.parametrize(
    ("inputs", "lost", "note"),
    [
        ({"seed": 10**400}, "--seed", "node 3 `KSampler`: the seed 1000"),
        ({"seed": 2**64}, "--seed", "node 3 `KSampler`: the seed 18446744073709551616 is ignored: the largest seed is"),
        ({"cfg": 10**400}, "--guidance", "node 3 `KSampler`: `cfg: 1000"),
        ({"steps": "many"}, "--steps", "node 3 `KSampler`: `steps: many` is ignored: it is not a number"),
        ({"cfg": [1, 2, 3]}, "--guidance", "node 3 `KSampler`: `cfg: [1, 2, 3]` is ignored: it is not a single value"),
        (
            {"seed": ["77", 0]},
            "--seed",
            "node 3 `KSampler`: `seed` comes from node 77, which the file does not contain",
        ),
        ({"seed": ["5", 0]}, "--seed", "node 3 `KSampler`: `seed` comes from node 5 `EmptyLatentImage` and is not"),
    ],
)
def test_a_value_that_cannot_be_used_is_noted(line_of: Imports, inputs: dict[str, Any], lost: str, note: str) -> None:
    line, notes = line_of(graph(n3=sampler(**inputs)))
    assert f" {lost} " not in line
    assert notes[0].startswith(note)
