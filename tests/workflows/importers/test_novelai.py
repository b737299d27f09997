"""Metadata from NovelAI. The keys come from NovelAI/novelai-image-metadata, nai_meta_writer.py and nai_sig.py."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invocations.services.generation.prompts import pieces as prompt_pieces
from tests.workflows.importers.conftest import Imports
from workflows.importers.detect import detect
from workflows.importers.novelai import pieces
from workflows.importers.prompt_weights import weighted

COMMENT: dict[str, Any] = {
    "prompt": "{fox}, snow", "steps": 28, "height": 768, "width": 512, "scale": 5.0, "uncond_scale": 1.0,
    "cfg_rescale": 0.0, "seed": 3816166865, "n_samples": 1, "noise_schedule": "karras", "sampler": "k_dpmpp_2m",
    "sm": False, "sm_dyn": False, "uc": "lowres, [bad]", "request_type": "PromptGenerateRequest",
    "signed_hash": "wOTy==",
}  # fmt: skip
FILE = {"Title": "NovelAI generated image", "Description": "{fox}, snow", "Software": "NovelAI", "Source": "V3"}
LINE = (
    't2i "(fox)1.05, snow" --negative "lowres, (bad)0.952" --steps 28 --guidance 5 --scheduler dpmpp_2m_k '
    "--seed 3816166865 --width 512 --height 768"
)


def comment(**more: Any) -> dict[str, str]:
    return {**FILE, "Comment": json.dumps({**COMMENT, **more})}


def test_the_comment_in_a_png_becomes_a_line(line_of: Imports) -> None:
    assert line_of(comment()) == (LINE, ())


def test_the_user_comment_in_a_webp_becomes_a_line(line_of: Imports) -> None:
    assert line_of({"parameters": json.dumps(COMMENT)}) == (LINE, ())


def test_a_prompt_written_by_the_first_versions_is_read_from_the_description(line_of: Imports) -> None:
    old = {"steps": 28, "sampler": "k_euler_ancestral", "seed": 7, "strength": 0.69, "noise": 0.667, "scale": 11.0,
           "uc": "lowres"}  # fmt: skip
    line, notes = line_of({**FILE, "Comment": json.dumps(old)})
    assert line == 't2i "(fox)1.05, snow" --negative lowres --steps 28 --guidance 11 --scheduler euler_a --seed 7'
    assert notes == ("`strength: 0.69` is not supported", "`noise: 0.667` is not supported")


def test_character_prompts_are_joined_to_the_main_prompt(line_of: Imports) -> None:
    def v4(base: str, *captions: str) -> dict[str, Any]:
        characters = [{"char_caption": each, "centers": []} for each in captions]
        return {"caption": {"base_caption": base, "char_captions": characters}}

    line, notes = line_of(comment(v4_prompt=v4("snow", "1.5::fox::, red", ""), v4_negative_prompt=v4("blur")))
    assert line.startswith('t2i "snow, (fox)1.5, red" --negative blur')
    assert notes == ("character prompts are appended to the main prompt: 1.5::fox::, red",)


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"request_type": "Img2ImgRequest", "strength": 0.5}, "the image was made from another image (strength 0.5)"),
        ({"request_type": "NativeInfillingRequest", "mask": "x"}, "only a masked area was generated"),
        ({"cfg_rescale": 0.2}, "`cfg_rescale: 0.2` is not supported"),
        ({"sm": True}, "`sm: True` is not supported"),
        ({"n_samples": 4}, "4 images were made in one batch: this line makes only the first"),
        ({"sampler": "nai_smea"}, "unknown sampler `nai_smea`"),
        ({"uc": "-1::tree::"}, "weights below 0 are not supported"),
        ({"scale": "high"}, "`scale: high` is not understood"),
    ],
)
def test_settings_that_are_left_out_are_noted(line_of: Imports, more: dict[str, Any], note: str) -> None:
    assert any(each.startswith(note) for each in line_of(comment(**more))[1])


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a {{{fox}}} b", [("a ", 1), ("fox", 1.158), (" b", 1)]),
        ("[fox]", [("fox", 0.952)]),
        ("1.5::rain, night::, sea", [("rain, night", 1.5), (", sea", 1)]),
        ("2::a:: .5::b", [("a", 2), (" ", 1), ("b", 0.5)]),
        ("-1::a::", [("a", 0)]),
        ("{2::a::} b}", [("a", 2.1), (" b}", 1)]),
        ("(fox) 16:9, x-1", [("(fox) 16:9, x-1", 1)]),
    ],
)
def test_weights_in_novelai_syntax_are_converted(prompt: str, words: list[tuple[str, float]]) -> None:
    assert prompt_pieces(weighted(pieces(prompt), []), "invoke") == words


def test_a_comment_written_by_another_program_is_ignored(line_of: Imports) -> None:
    assert detect({"Comment": "made with GIMP"}) is None
    assert detect({"Comment": '{"prompt": "x"}'}) is None
    assert line_of({"Comment": "made with GIMP", "parameters": "a fox"})[1] == (
        "no seed is recorded: the image will be different",
    )
