"""The `parameters` string that AUTOMATIC1111 writes is converted to a line; unsupported settings are reported."""

from __future__ import annotations

import pytest

from tests.workflows.importers.conftest import Imports

END = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512"
HERE = "--steps 20 --guidance 7 --scheduler euler_a --seed 5 --width 512 --height 512"


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        (f"a red fox\n{END}", f't2i "a red fox" {HERE}'),
        (f"a red fox\nNegative prompt: ugly, bad\n{END}", f't2i "a red fox" --negative "ugly, bad" {HERE}'),
        (f"a fox\nin two lines\n{END}", f't2i "a fox\\nin two lines" {HERE}'),
        (f"Negative prompt: ugly\n{END}", f't2i "" --negative ugly {HERE}'),
        ("fox\nSteps: 4, Seed: 1, Sampler: DPM++ 2M Karras", "t2i fox --steps 4 --scheduler dpmpp_2m_k --seed 1"),
        (
            "fox\nSteps: 4, Sampler: DPM++ 2M SDE, Schedule type: Karras, CFG scale: 5.5, Seed: 1, Version: v1.10.1",
            "t2i fox --steps 4 --guidance 5.5 --scheduler dpmpp_2m_sde_k --seed 1",
        ),
        (
            "fox\nSteps: 4, Sampler: Euler, CFG scale: 7, Seed: 1, Model hash: 879db523c3, Model: dreamshaper_8",
            "t2i fox --model dreamshaper_8 --steps 4 --guidance 7 --scheduler euler --seed 1",
        ),
        (
            "fox\nSteps: 4, Sampler: PLMS, Seed: 1, Clip skip: 2",
            "t2i fox --steps 4 --scheduler pndm --seed 1 --clip-skip 1",
        ),
        ("fox\nSteps: 4, Sampler: DDIM, Seed: 1, Clip skip: 1", "t2i fox --steps 4 --scheduler ddim --seed 1"),
        ("just words", 't2i "just words"'),
        ("costs ${much}", "t2i 'costs ${much}'"),
        (
            "a (red fox:1.3), [dull], ((snow)) \\(x\\)\n" + END,
            f't2i "a (red fox)1.3, (dull)0.909, (snow)1.21 (x)" {HERE}',
        ),
        (
            "(a)1.3 fox\nSteps: 4, Sampler: DDIM, Seed: 7, Version: invokeai-cli 0.1.0",
            't2i "(a)1.3 fox" --steps 4 --scheduler ddim --seed 7',
        ),
    ],
)  # fmt: skip
def test_supported_settings_are_written_in_the_line(line_of: Imports, parameters: str, line: str) -> None:
    assert line_of({"parameters": parameters})[0] == line


def test_a_hires_fix_is_a_second_pass_over_the_upscaled_image(line_of: Imports) -> None:
    line, notes = line_of(
        {
            "parameters": "fox\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768, "
            "Denoising strength: 0.4, Hires upscale: 1.5, Hires steps: 10, Hires upscaler: R-ESRGAN 4x+"
        }
    )
    first, second, third = line.split(" | ")
    assert first == "t2i fox --steps 20 --guidance 7 --scheduler euler_a --seed 5 --width 512 --height 768"
    assert second == "upscale 1.5"
    assert third == (
        "i2i fox --steps 10 --guidance 7 --scheduler euler_a --seed 5 --width 768 --height 1152 --strength 0.4"
    )
    assert notes == ("`Hires upscaler: R-ESRGAN 4x+` is not available: `upscale` uses its own method",)


@pytest.mark.parametrize(
    ("end", "note"),
    [
        ("Model: unheard_of", "the model `unheard_of` is not installed: the default is used"),
        ("Model hash: 879db5", "the model `hash 879db5` is not installed: the default is used"),
        ("Face restoration: CodeFormer", "`Face restoration: CodeFormer` is not supported"),
        ("Variation seed: 3", "`Variation seed: 3` is not supported"),
        (
            'ControlNet 0: "Module: canny, Weight: 1"',
            "`ControlNet 0: Module: canny, Weight: 1` is not supported",
        ),
        ("Denoising strength: 0.6", "the image was made from another image (strength 0.6), which is not recorded"),
        ("Size: 7x100000", "`height: 100000` is ignored: `height` must be 8 to 8192, not 100000"),
    ],
)
def test_unsupported_settings_are_reported(line_of: Imports, end: str, note: str) -> None:
    line, notes = line_of({"parameters": f"fox\nSteps: 20, Sampler: Euler a, Seed: 5, {end}"})
    assert line.startswith("t2i fox --steps 20 --scheduler euler_a --seed 5")
    assert any(each.startswith(note) for each in notes), notes


@pytest.mark.parametrize(
    ("prompt", "ours", "note"),
    [
        ("fox <lora:fur:0.8>", "fox", "`<lora:fur:0.8>` is ignored"),
        ("fox BREAK snow", '"fox snow"', "`BREAK` is not supported"),
        ("a [fox:wolf:0.5]", '"a fox"', "`[fox:wolf:0.5]` changes while sampling"),
        ("a [fox|wolf]", '"a fox"', "`[fox|wolf]` changes"),
        ("(bad:-1)", "(bad)0", "weights below 0 are not supported"),
    ],
)
def test_unsupported_prompt_syntax_is_reported(line_of: Imports, prompt: str, ours: str, note: str) -> None:
    line, notes = line_of({"parameters": f"{prompt}\n{END}"})
    assert line == f"t2i {ours} {HERE}"
    assert notes[0].startswith(note)


def test_a_value_with_commas_brackets_or_quotes_is_read_as_one_setting(line_of: Imports) -> None:
    _, notes = line_of(
        {
            "parameters": "fox\nSteps: 20, Sampler: DDIM, Seed: 5, "
            'Civitai resources: [{"type": "checkpoint", "modelName": "default, y"}], '
            'Hashes: {"vae": "c", "d": "e"}, Lora hashes: "a: b, c: d", Tiling: True, Note: "say \\"hi\\", you"'
        }
    )
    assert notes == (
        "`Lora hashes: a: b, c: d` is not supported",
        "`Tiling: True` is not supported",
        '`Note: say "hi", you` is not supported',
        "the model `default, y` is not installed: the default is used",
    )
