"""InvokeAI's metadata: `Dream` and `sd-metadata` from 2.x, `invokeai_metadata` from 3 and later."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports
from workflows.importers.detect import detect


@pytest.mark.parametrize(
    ("dream", "line"),
    [
        (
            '"a red fox" -s 50 -S 123456 -W 512 -H 768 -C 7.5 -A k_lms',
            't2i "a red fox" --steps 50 --guidance 7.5 --scheduler lms --seed 123456 --width 512 --height 768',
        ),
        (
            '"a fox [ugly, blurred] in snow [bad]" -s 20 -S 1 -A k_euler_a',
            't2i "a fox in snow" --negative "ugly, blurred, bad" --steps 20 --scheduler euler_a --seed 1',
        ),
        (
            '"it\'s a (fox)1.3++" --steps=20 --seed=1 --sampler_name=plms',
            't2i "it\'s a (fox)1.3++" --steps 20 --scheduler pndm --seed 1',
        ),
        (
            '"a fox" -s 20 -S 1 -I in/cat.png -f 0.6',
            'load in/cat.png | i2i "a fox" --steps 20 --seed 1 --strength 0.6',
        ),
        ('"a fox" -s 20 -S 1 -U 2 0.75', 't2i "a fox" --steps 20 --seed 1 | upscale 2'),
    ],
)
def test_dream_metadata_becomes_a_line(line_of: Imports, dream: str, line: str) -> None:
    assert line_of({"Dream": dream})[0] == line


def test_unsupported_settings_are_reported(line_of: Imports) -> None:
    _, notes = line_of({"Dream": '"a fox" -s 20 -S 1 -G 0.8 --seamless -v 0.1 -U 4 0.5'})
    assert notes == (
        "`-G 0.8` is not supported",
        "`--seamless` is not supported",
        "`-v 0.1` is not supported",
        "`-U`: the upscaler's strength 0.5 is not supported: `upscale` uses its own method",
    )
    assert "`.blend(...)`" in line_of({"Dream": '"(a, b).blend(1, 1)" -s 2 -S 1'})[1][0]


@pytest.mark.parametrize(
    ("dream", "line"),
    [
        ('"a fox" -s20 -S1', 't2i "a fox" --steps 20 --seed 1'),
        ('"-fox --bar" -s 20 -S 1', 't2i "-fox --bar" --steps 20 --seed 1'),
        ('"say "hi" twice" -s 20 -S 1', "t2i 'say \"hi\" twice' --steps 20 --seed 1"),
        ('a red fox -s 20 -S 1', 't2i "a red fox" --steps 20 --seed 1'),
        ('"a fox" -s 20 -S 18446744073709551615', 't2i "a fox" --steps 20 --seed 18446744073709551615'),
        ('"C:(x:1.2) fox" -S 1', "t2i 'C:(x\\:1.2) fox' --seed 1"),
    ],
)  # fmt: skip
def test_every_form_of_a_dream_string_is_read(line_of: Imports, dream: str, line: str) -> None:
    assert line_of({"Dream": dream})[0] == line


@pytest.mark.parametrize(
    ("dream", "note"),
    [
        ('"a fox" -n4 -S1', "`-n 4` is not supported"),
        ('"a fox" -s many -S1', "`-s: many` is not understood and is ignored"),
        ('"a fox" -s 5 6 -S1', "`6` after `-s` is not supported"),
        ('"a fox" -S 18446744073709551616', "`-S: 18446744073709551616` is ignored"),
        ('"a (red:1.3) fox" -S1', "`(word:1.3)` is not a weight in InvokeAI and is kept as text"),
    ],
)
def test_unsupported_or_invalid_dream_options_are_noted(line_of: Imports, dream: str, note: str) -> None:
    assert any(each.startswith(note) for each in line_of({"Dream": dream})[1])


@pytest.mark.parametrize("name", ["steps", "width", "cfg_scale", "seed"])
def test_an_invalid_value_is_noted(line_of: Imports, name: str) -> None:
    for texts in (
        {"invokeai_metadata": json.dumps({**V3, name: "many"})},
        {"sd-metadata": sd_metadata(**{name: "many"})},
    ):
        assert f"`{name}: many` is not understood and is ignored" in line_of(texts)[1]


def sd_metadata(**image: Any) -> str:
    usual = {
        "prompt": [{"prompt": "a fox [ugly]", "weight": 1.0}], "steps": 50, "cfg_scale": 7.5,
        "height": 512, "width": 512,
        "seed": 42, "sampler": "k_euler", "type": "txt2img", "threshold": 0, "perlin": 0, "seamless": False,
        "hires_fix": False, "postprocessing": None, "variations": [],
    }  # fmt: skip
    data = {"model": "stable diffusion", "model_weights": "stable-diffusion-1.5", "app_version": "2.3.0"}
    return json.dumps({**data, "image": {**usual, **image}})


def test_sd_metadata_becomes_a_line(line_of: Imports) -> None:
    line, notes = line_of({"sd-metadata": sd_metadata()}, ["stable-diffusion-1.5"])
    assert line == (
        't2i "a fox" --negative ugly --model stable-diffusion-1.5 --steps 50 --guidance 7.5 --scheduler euler '
        "--seed 42 --width 512 --height 512"
    )
    assert notes == ()


@pytest.mark.parametrize(
    ("image", "part", "note"),
    [
        ({"prompt": "a fox"}, 't2i "a fox"', ""),
        (
            {"prompt": [{"prompt": "a fox", "weight": 1}, {"prompt": "snow", "weight": 0.5}]},
            't2i "a fox, (snow)0.5"',
            "several prompts were blended",
        ),
        ({"postprocessing": [{"type": "esrgan", "scale": 2}]}, "| upscale 2", "upscaling with `esrgan`"),
        ({"postprocessing": [{"type": "gfpgan", "strength": 1}]}, "t2i", "postprocessing with `gfpgan`"),
        ({"perlin": 0.2}, "t2i", "`perlin: 0.2` is not supported"),
        ({"type": "img2img", "strength": 0.4}, "t2i", "the image was made from another image (strength 0.4)"),
        ({"type": "inpaint"}, "t2i", "only a masked area was generated"),
        ({"steps": "x", "seed": [], "cfg_scale": {}, "width": True}, "t2i", "no seed is recorded"),
    ],
)
def test_variants_of_sd_metadata_become_lines(line_of: Imports, image: dict[str, Any], part: str, note: str) -> None:
    line, notes = line_of({"sd-metadata": sd_metadata(**image)}, ["stable-diffusion-1.5"])
    assert part in line
    assert any(each.startswith(note) for each in (*notes, ""))


V3 = {
    "generation_mode": "txt2img", "positive_prompt": "a (red)1.2 fox", "negative_prompt": "ugly", "width": 512,
    "height": 640, "seed": 77, "rand_device": "cpu", "cfg_scale": 7.5, "steps": 30, "scheduler": "dpmpp_2m_k",
    "clip_skip": 0, "model": {"model_name": "dreamshaper_8", "base_model": "sd-1", "model_type": "main"},
    "controlnets": [], "loras": [], "app_version": "3.7.0",
}  # fmt: skip
V3_LINE = (
    't2i "a (red)1.2 fox" --negative ugly --model dreamshaper_8 --steps 30 --guidance 7.5 --scheduler dpmpp_2m_k '
    "--seed 77 --width 512 --height 640"
)


def test_metadata_from_version_3_becomes_a_line(line_of: Imports) -> None:
    assert line_of({"invokeai_metadata": json.dumps(V3)}) == (V3_LINE, ())


def test_metadata_from_version_5_becomes_a_line(line_of: Imports) -> None:
    model = {"key": "0f", "hash": "blake3:1", "name": "Dreamshaper_8", "base": "sd-1", "type": "main"}
    assert line_of({"invokeai_metadata": json.dumps({**V3, "model": model, "app_version": "5.9.1"})}) == (V3_LINE, ())


@pytest.mark.parametrize(
    ("more", "start", "note"),
    [
        (
            {"generation_mode": "img2img", "strength": 0.7, "init_image": "0f.png"},
            "load 0f.png | i2i",
            "",
        ),
        ({"generation_mode": "inpaint"}, "t2i", "only a masked area was generated"),
        ({"generation_mode": "flux_txt2img", "seamless_x": True}, "t2i", "`seamless_x: True` is not supported"),
        (
            {"loras": [{"lora": {"model_name": "fur"}, "weight": 0.7}]},
            "t2i",
            "the LoRA `fur` is ignored",
        ),
        ({"loras": [{"model": {"name": "fur"}, "weight": 0.7}]}, "t2i", "the LoRA `fur` is ignored"),
        ({"controlnets": [{}, {}]}, "t2i", "2 x ControlNet is not supported"),
        ({"vae": {"name": "mse"}}, "t2i", "`vae: mse` is not supported"),
        ({"hrf_enabled": True, "hrf_strength": 0.4}, "t2i", "the size of the first pass is not recorded"),
        ({"scheduler": "dpmpp_2s_k"}, "t2i", ""),
        ({"scheduler": "magic"}, "t2i", "unknown sampler `magic`"),
    ],
)
def test_variants_of_version_3_metadata_become_lines(
    line_of: Imports, more: dict[str, Any], start: str, note: str
) -> None:
    line, notes = line_of({"invokeai_metadata": json.dumps({**V3, **more})})
    assert line.startswith(start)
    assert any(each.startswith(note) for each in (*notes, ""))


def test_the_most_complete_format_is_used_and_the_others_are_reported(line_of: Imports) -> None:
    line, notes = line_of({"parameters": "a cat", "invokeai_metadata": json.dumps(V3), "prompt": "words"})
    assert line == V3_LINE
    assert notes == (
        "the file also contains `parameters`, which was not read",
        "the file also contains `prompt`, which was not read",
    )


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"Title": "x"},
        {"parameters": '{"prompt": "fox"}'},
        {"prompt": "words"},
        {"Dream": '"a'},
        {"sd-metadata": "[]"},
    ],
)
def test_unusable_text_chunks_are_ignored(texts: dict[str, str]) -> None:
    assert detect(texts) is None
