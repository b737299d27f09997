"""Metadata from SwarmUI. The samples follow mcmonkeyprojects/SwarmUI, docs/Image Metadata Format.md."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports

PARAMS: dict[str, Any] = {
    "prompt": "a photo of a (cat:1.3)", "model": "OfficialStableDiffusion/default", "seed": 1, "steps": 20,
    "cfgscale": 7.0, "aspectratio": "1:1", "width": 512, "height": 512, "automaticvae": True, "negativeprompt": "",
    "swarm_version": "0.9.3.1",
}  # fmt: skip
EXTRA = {"date": "2024-11-13", "generation_time": "6.11 (prep) and 4.84 (gen) seconds"}
LINE = 't2i "a photo of a (cat)1.3" --model default --steps 20 --guidance 7 --seed 1 --width 512 --height 512'


def text(**more: Any) -> dict[str, str]:
    return {"parameters": json.dumps({"sui_image_params": {**PARAMS, **more}, "sui_extra_data": EXTRA}, indent=2)}


def test_the_settings_become_a_line(line_of: Imports) -> None:
    assert line_of(text()) == (LINE, ())


def test_numbers_may_be_written_as_strings(line_of: Imports) -> None:
    assert line_of(text(seed="1", steps="20", cfgscale="7.0", width="512"))[0] == LINE


@pytest.mark.parametrize("prefix", ["", "comfyui"])
def test_the_sampler_is_read_from_either_of_its_two_keys(line_of: Imports, prefix: str) -> None:
    line, notes = line_of(text(**{f"{prefix}sampler": "dpmpp_2m", f"{prefix}scheduler": "karras"}))
    assert "--scheduler dpmpp_2m_k" in line
    assert notes == ()


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"initimagecreativity": 0.4}, "the image was made from another image (strength 0.4)"),
        ({"maskimage": "x"}, "only a masked area was generated"),
        ({"loras": ["fur", "ink"], "loraweights": ["0.7"]}, "the LoRA `fur:0.7` is ignored"),
        ({"loras": "fur,ink", "loraweights": "0.7,1"}, "the LoRA `ink:1` is ignored"),
        ({"refinermodel": "xl"}, "`refinermodel: xl` is not supported"),
        ({"prompt": "a <lora:fur> cat <segment:face> smile"}, "`<lora:fur>` is ignored"),
        ({"cfgscale": "high"}, "`cfgscale: high` is not understood"),
    ],
)
def test_settings_that_are_left_out_are_noted(line_of: Imports, more: dict[str, Any], note: str) -> None:
    assert any(each.startswith(note) for each in line_of(text(**more))[1])


def test_clip_skip_is_counted_from_the_last_layer(line_of: Imports) -> None:
    assert "--clip-skip 1" in line_of(text(clipstopatlayer=-2))[0]
    assert "--clip-skip" not in line_of(text(clipstopatlayer=-1))[0]
