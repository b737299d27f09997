"""Fooocus' own metadata. The keys come from lllyasviel/Fooocus, modules/meta_parser.py, `FooocusMetadataParser`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.conftest import Imports

SCHEME: dict[str, Any] = {
    "adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "default", "base_model_hash": "aeb7e9e689", "clip_skip": 2,
    "full_negative_prompt": ["anime, (blur:1.3)", "bad"],
    "full_prompt": ["cinematic still a fox . snow", "a fox, sharp"],
    "guidance_scale": 4, "lora_combined_1": "offset : 0.1", "loras": [["offset", 0.1, "4852686128"]],
    "metadata_scheme": "fooocus", "negative_prompt": "", "performance": "Speed", "prompt": "a fox",
    "prompt_expansion": "a fox, sharp", "refiner_model": "None", "refiner_switch": 0.5, "resolution": "(512, 768)",
    "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "seed": "127589946317439009", "sharpness": 2, "steps": 30,
    "styles": "['Fooocus V2']", "vae": "Default (model)", "version": "Fooocus v2.5.5",
}  # fmt: skip
# `load_parameter_button_click` also reads the labels that older versions wrote to the log.
LABELS = {
    "Prompt": "a fox", "Negative Prompt": "blur", "Styles": "['Fooocus V2']", "Performance": "Speed", "Steps": 30,
    "Resolution": "(512, 768)", "Guidance Scale": 4.0, "Sharpness": 2.0, "Base Model": "default.safetensors",
    "Refiner Model": "None", "Sampler": "euler_ancestral", "Scheduler": "normal", "Seed": 5, "LoRA 1": "offset : 0.1",
    "Version": "v2.1.860",
}  # fmt: skip


def test_the_prompts_are_read_with_their_styles_applied(line_of: Imports) -> None:
    line, notes = line_of({"parameters": json.dumps(SCHEME), "fooocus_scheme": "fooocus"})
    assert line == (
        't2i "cinematic still a fox . snow, a fox, sharp" --negative "anime, (blur)1.3, bad" --model default --steps '
        "30 --guidance 4 --scheduler dpmpp_2m_sde_k --seed 127589946317439009 --width 512 --height 768"
    )
    assert notes == (
        "the LoRA `offset : 0.1` is ignored: LoRA is not supported",
        "`adm_guidance: (1.5, 0.8, 0.3)` is not supported",
        "`performance: Speed` is not supported",
        "`sharpness: 2` is not supported",
        "`styles: ['Fooocus V2']` is not supported",
    )


def test_labels_written_by_older_versions_are_read(line_of: Imports) -> None:
    line, notes = line_of({"parameters": json.dumps(LABELS)})
    assert line == (
        't2i "a fox" --negative blur --model default --steps 30 --guidance 4 --scheduler euler_a --seed 5 '
        "--width 512 --height 768"
    )
    assert notes == (
        "the LoRA `offset : 0.1` is ignored: LoRA is not supported",
        "`Styles: ['Fooocus V2']` is not supported",
        "`Performance: Speed` is not supported",
        "`Sharpness: 2.0` is not supported",
    )


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"refiner_model": "xl_refiner"}, "the refiner `xl_refiner` is left out: it or the model is not installed"),
        ({"vae": "other"}, "`vae: other` is not supported"),
        ({"resolution": "large"}, "`resolution: large` is not understood and is ignored"),
        ({"seed": str(2**64)}, f"`seed: {2**64}` is ignored: the largest seed is {2**64 - 1}"),
        ({"steps": "many"}, "`steps: many` is not understood and is ignored"),
        ({"freeu": "(1.01, 1.02, 0.99, 0.95)"}, "`freeu: (1.01, 1.02, 0.99, 0.95)` is not supported"),
    ],
)
def test_settings_that_are_left_out_are_noted(line_of: Imports, more: dict[str, Any], note: str) -> None:
    assert note in line_of({"parameters": json.dumps({**SCHEME, **more})})[1]
