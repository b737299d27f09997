"""The `parameters` string as each tool writes it; a comment names the source file that each sample follows."""

from __future__ import annotations

import pytest

from tests.workflows.importers.conftest import Imports
from workflows.importers.automatic1111 import read

HERE = "--steps 20 --guidance 7 --scheduler euler_a --seed 5 --width 512 --height 512"
END = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512"

# vladmandic/sdnext, modules/processing_info.py, `create_infotext`
SDNEXT = (
    "a fox, (snow:1.2)\nNegative prompt: blur\nSteps: 20, Size: 512x768, Sampler: UniPC, Seed: 5, CFG scale: 6.0, "
    "Clip skip: 2, App: SD.Next, Version: 0c7038e, Pipeline: StableDiffusionPipeline, Operations: txt2img; hires, "
    "Model: default, Refine: True, Hires upscaler: ESRGAN 4x, Hires scale: 1.5, Hires size: 768x1152, Hires steps: 10, "
    "Hires strength: 0.4, Hires sampler: Euler a, Hires CFG scale: 5"
)
# Civitai, "Copy generation data": the form in willmiao/ComfyUI-Lora-Manager, py/recipes/parsers/automatic.py
CIVITAI = (
    "a fox\nNegative prompt: blur\nSteps: 22, Sampler: DPM++ 2M Karras, CFG scale: 3.8, Seed: 894409639, "
    "Size: 832x1216, Clip skip: 2, Created Date: 2024-09-23T06:17:42.9952795Z, Civitai resources: "
    '[{"type":"checkpoint","modelVersionId":128078,"modelName":"default","modelVersionName":"v1.0, fix"},'
    '{"type":"lora","weight":0.85,"modelVersionId":210432,"modelName":"Double Exposure"},'
    '{"type":"embed","modelVersionId":106916}], '
    'Civitai metadata: {"remixOfId":111}'
)
# lllyasviel/Fooocus, modules/meta_parser.py, `A1111MetadataParser.parse_string`
FOOOCUS = (
    "cinematic still a fox . emotional, a fox, sharp\nNegative prompt: anime, cartoon\nSteps: 30, "
    "Sampler: DPM++ 2M SDE Karras, Seed: 5, Size: 512x512, CFG scale: 4, Sharpness: 2, "
    'ADM Guidance: "(1.5, 0.8, 0.3)", Model: default, Model hash: aeb7e9e689, Performance: Speed, Scheduler: karras, '
    'VAE: Default (model), Raw prompt: a fox, Raw negative prompt: , Lora hashes: "offset: 4852686128", '
    'Lora weights: "offset: 0.1", Version: Fooocus v2.5.5'
)


def test_a_parameters_string_from_sdnext_becomes_a_line(line_of: Imports) -> None:
    line, notes = line_of({"parameters": SDNEXT})
    assert line == (
        't2i "a fox, (snow)1.2" --negative blur --model default --steps 20 --guidance 6 --scheduler unipc --seed 5 '
        "--clip-skip 1 --width 512 --height 768 | upscale 1.5 | "
        'i2i "a fox, (snow)1.2" --negative blur --model default --steps 10 --guidance 5 --scheduler euler_a --seed 5 '
        "--clip-skip 1 --width 768 --height 1152 --strength 0.4"
    )
    assert notes == ("`Hires upscaler: ESRGAN 4x` is not available: `upscale` uses its own method",)


@pytest.mark.parametrize(
    ("parser", "prompt"),
    [("native", "(a)1.1 C\\+\\+"), ("fixed", "(a) C\\+\\+"), ("compel", "(a) C++")],
)
def test_weights_from_sdnext_are_read_as_its_own_parser_reads_them(parser: str, prompt: str) -> None:
    found = read(f"(a) C++\n{END}, App: SD.Next, Parser: {parser}")
    assert found is not None
    assert (found.tool, found.steps[0].values["prompt"]) == ("SD.Next", prompt)


def test_a_parameters_string_from_civitai_becomes_a_line(line_of: Imports) -> None:
    line, notes = line_of({"parameters": CIVITAI})
    assert line == (
        't2i "a fox" --negative blur --model default --steps 22 --guidance 3.8 --scheduler dpmpp_2m_k '
        "--seed 894409639 --clip-skip 1 --width 832 --height 1216"
    )
    assert notes == (
        "`lora: Double Exposure:0.85` from Civitai is not supported",
        "`embed: version 106916` from Civitai is not supported",
    )


def test_a_parameters_string_from_fooocus_in_the_a1111_scheme_becomes_a_line(line_of: Imports) -> None:
    line, notes = line_of({"parameters": FOOOCUS})
    assert line == (
        't2i "cinematic still a fox . emotional, a fox, sharp" --negative "anime, cartoon" --model default --steps 30 '
        "--guidance 4 --scheduler dpmpp_2m_sde_k --seed 5 --width 512 --height 512"
    )
    assert notes == (
        "`Sharpness: 2` is not supported",
        "`ADM Guidance: (1.5, 0.8, 0.3)` is not supported",
        "`Performance: Speed` is not supported",
        "`Lora weights: offset: 0.1` is not supported",
    )


@pytest.mark.parametrize(
    ("text", "tool"),
    [(SDNEXT, "SD.Next"), (CIVITAI, "Civitai"), (FOOOCUS, "Fooocus"), (f"a\n{END}", "AUTOMATIC1111"),
     (f"a\n{END}, Version: invokeai-cli 0.1.0", "invokeai-cli")],
)  # fmt: skip
def test_the_tool_that_wrote_a_parameters_string_is_recognized(text: str, tool: str) -> None:
    found = read(text)
    assert found is not None
    assert found.tool == tool


@pytest.mark.parametrize(
    ("more", "first", "note"),
    [
        ("Size: 1024x1024, First pass size: 0x0", "512 x 512", "512 x 512 is used, as in AUTOMATIC1111"),
        ("Size: 512x1024, First pass size: 0x0", "384 x 768", "384 x 768 is used, as in AUTOMATIC1111"),
        ("Size: 1024x1024, First pass size: 640x640", "640 x 640", ""),
    ],
)
def test_the_size_of_the_first_pass_is_read_from_strings_written_by_old_versions(
    line_of: Imports, more: str, first: str, note: str
) -> None:
    """Sizes follow AUTOMATIC1111/stable-diffusion-webui, infotext_utils.py, `restore_old_hires_fix_params`."""
    line, notes = line_of({"parameters": f"a fox\nSteps: 20, Seed: 5, Denoising strength: 0.7, {more}"})
    width, height = first.split(" x ")
    assert f"--width {width} --height {height} | upscale" in line
    assert "--strength 0.7" in line
    assert ([each for each in notes if note in each] != []) == bool(note or notes)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ("Steps: x20", "`Steps: x20` is not understood and is ignored"),
        ("CFG scale: seven", "`CFG scale: seven` is not understood and is ignored"),
        ("Size: large", "`Size: large` is not understood and is ignored"),
        (f"Seed: {2**64}", f"`Seed: {2**64}` is ignored: the largest seed is {2**64 - 1}"),
        ("Clip skip: 2, and more", "`and more` after `Clip skip` is not supported"),
        ("Mask blur: 4", "only a masked area was generated, and the file does not contain the mask: see `inpaint`"),
        ("TI hashes: easynegative", "`TI hashes: easynegative` is not supported"),
        ("Civitai resources: [{", "`Civitai resources: [{` is not understood and is ignored"),
    ],
)  # fmt: skip
def test_settings_that_are_left_out_are_noted(line_of: Imports, more: str, note: str) -> None:
    name = more.partition(":")[0]
    kept = ", ".join(each for each in END.split(", ") if not each.startswith(f"{name}:"))
    _, notes = line_of({"parameters": f"a fox\n{kept}, {more}"})
    assert note in notes


@pytest.mark.parametrize(
    ("prompt", "ours", "note"),
    [
        ("(a:12) fox", "(a)10 fox", "weights above 10 are not supported: 10 is used"),
        ("(((((((((((((((((((((((((((a:9)))))))))))))))))))))))))))", "(a)10", "weights above 10 are not supported"),
        ("[a:0.5], [a::5], [:b:0.5]", "a, a, b", "`[a:0.5]` changes while sampling"),
        ("[[a|b]:c:0.5]", "a", "`[a|b]` changes while sampling"),
        ("<LORA:x:1>fox", "fox", "`<LORA:x:1>` is ignored"),
        ("<random:a,b>fox", "fox", "`<random:a,b>` is ignored"),
    ],
)
def test_prompt_syntax_from_other_tools_is_converted(line_of: Imports, prompt: str, ours: str, note: str) -> None:
    line, notes = line_of({"parameters": f"{prompt}\n{END}"})
    assert line in (f't2i "{ours}" {HERE}', f"t2i {ours} {HERE}")
    assert notes[0].startswith(note)


def test_a_prompt_written_by_this_program_is_unchanged(line_of: Imports) -> None:
    line, notes = line_of({"parameters": f"((a)) (b:1.2)\n{END}, Prompt syntax: a1111, Version: invokeai-cli 0.2.0"})
    assert line == f't2i "((a)) (b:1.2)" {HERE.replace(" --width", " --prompt-syntax a1111 --width")}'
    assert notes == ()


def test_a_prompt_that_is_too_long_is_shortened_and_noted() -> None:
    for text in (f"{'a ' * 15_000}\n{END}", f"{'a ' * 15_000}\n{END}, Version: invokeai-cli 0.1.0"):
        found = read(text)
        assert found is not None
        assert "a prompt of 29999 characters is truncated to 20000" in found.notes
