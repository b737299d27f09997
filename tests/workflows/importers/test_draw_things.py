"""Metadata from Draw Things, which Apple's ImageIO writes as Exif and XMP.

The keys come from drawthingsai/draw-things-community, Libraries/ImageGenerator/Sources/ImageConverter.swift.
"""

from __future__ import annotations

import html
import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports
from workflows.importers.detect import detect

SETTINGS: dict[str, Any] = {
    "c": "a <red> fox, (mist:1.3) & bark", "uc": "blurry", "model": "default", "sampler": "DPM++ 2M Karras",
    "scale": 7.5, "seed": 424242, "seed_mode": "Scale Alike", "size": "512x768", "steps": 28, "strength": 1,
    "v2": {"steps": 28, "loras": []},
}  # fmt: skip
LINE = (
    't2i "a <red> fox, (mist)1.3 & bark" --negative blurry --model default --steps 28 --guidance 7.5 '
    "--scheduler dpmpp_2m_k --seed 424242 --width 512 --height 768"
)
SEED_MODE = "`seed_mode: Scale Alike` is not supported"
DESCRIPTION = (
    "a red fox\n-blurry\nSteps: 28, Sampler: Euler Ancestral, Guidance Scale: 7.5, Seed: 5, Size: 512x768, "
    "Model: default, Strength: 1.0, Seed Mode: Scale Alike"
)


def xmp(description: str, comment: str = "", creator: str = "Draw Things") -> dict[str, str]:
    def listed(name: str, text: str) -> str:
        item = html.escape(text, quote=False).replace("\n", "&#xA;")
        return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{item}</rdf:li></rdf:Alt></{name}>' if text else ""

    inner = f"{listed('dc:description', description)}<xmp:CreatorTool>{creator}</xmp:CreatorTool>"
    rdf = f"<rdf:RDF><rdf:Description>{inner}{listed('exif:UserComment', comment)}</rdf:Description></rdf:RDF>"
    return {"XML:com.adobe.xmp": f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{rdf}</x:xmpmeta>'}


def test_the_comment_in_xmp_becomes_a_line(line_of: Imports) -> None:
    assert line_of(xmp(DESCRIPTION, json.dumps(SETTINGS))) == (LINE, (SEED_MODE,))


def test_the_comment_in_exif_becomes_a_line(line_of: Imports) -> None:
    assert line_of({"parameters": json.dumps(SETTINGS), **xmp(DESCRIPTION)}) == (LINE, (SEED_MODE,))


def test_the_description_alone_becomes_a_line(line_of: Imports) -> None:
    line, notes = line_of(xmp(DESCRIPTION))
    assert line == (
        't2i "a red fox" --negative blurry --model default --steps 28 --guidance 7.5 --scheduler euler_a --seed 5 '
        "--width 512 --height 768"
    )
    assert notes == ("`Seed Mode: Scale Alike` is not supported",)


def test_a_second_stage_becomes_a_second_pass(line_of: Imports) -> None:
    more = {"hires_fix": True, "first_stage_size": "512x512", "second_stage_strength": 0.6, "size": "1024x1024"}
    line, _ = line_of({"parameters": json.dumps({**SETTINGS, **more})})
    first, second, third = line.split(" | ")
    assert "--width 512 --height 512" in first
    assert second == "upscale 2"
    assert "--width 1024 --height 1024 --strength 0.6" in third


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"strength": 0.4}, "the image was made from another image (strength 0.4)"),
        ({"lora": [{"model": "fur.ckpt", "weight": 0.7}]}, "the LoRA `fur.ckpt:0.7` is ignored"),
        ({"shift": 3}, "`shift: 3` is not supported"),
        ({"refiner": "xl.ckpt"}, "`refiner: xl.ckpt` is not supported"),
        (
            {"sampler": "UniPC Trailing"},
            "the schedule type `trailing` is not available: the schedule of `unipc` is used",
        ),
        ({"hires_fix": True}, "the size of the first pass is not recorded"),
        ({"size": "large"}, "`size: large` is not understood"),
    ],
)
def test_settings_that_are_left_out_are_noted(line_of: Imports, more: dict[str, Any], note: str) -> None:
    assert any(each.startswith(note) for each in line_of({"parameters": json.dumps({**SETTINGS, **more})})[1])


def test_clip_skip_is_counted_as_in_other_tools(line_of: Imports) -> None:
    assert "--clip-skip 1" in line_of({"parameters": json.dumps({**SETTINGS, "clip_skip": 2})})[0]


def test_xmp_written_by_another_program_is_ignored() -> None:
    assert detect(xmp(DESCRIPTION, json.dumps(SETTINGS), creator="Photoshop")) is None
    assert detect(xmp("")) is None
