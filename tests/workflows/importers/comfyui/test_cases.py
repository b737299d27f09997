"""ComfyUI images with graphs that are hard to follow: each is read as one line, with notes on what is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.imaging.metadata import read_texts
from tests.workflows.importers.conftest import Imports
from workflows.importers.masks import MISSING

MATERIAL = Path(__file__).parents[3] / "material" / "foreign"
WORDS = '"a fox" --negative blur --model default'
SAMPLED = "--steps 20 --guidance 8 --scheduler euler --seed 5"
SIZE = "--width 512 --height 768"
USUAL = f"t2i {WORDS} {SAMPLED} {SIZE}"
IN_SNOW = f't2i "a fox, in snow" --negative blur --model default {SAMPLED} {SIZE}'
SDXL_SIZES = "width 1024, height 1024, target_width 1024, target_height 1024"
CONTINUES = (
    "node 20 `KSamplerAdvanced` continues without new noise: `i2i` adds noise, "
    "with the seed of the previous stage and a strength of 0.2"
)
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "c01-second-output": (USUAL, ("node 13 `ControlNetApplyAdvanced` is not supported: strength 1",)),
    "c03-joined-text": (IN_SNOW, ()),
    "c06-other-encoder": (USUAL, ("node 6 `PromptManager` is not supported: its `text` is used as the prompt",)),
    "c08-wildcards": (
        USUAL,
        ("node 6 `ImpactWildcardEncode` is not supported: its `populated_text` is used as the prompt",),
    ),
    "c09-several-outputs": (USUAL.replace("8 --scheduler euler", "6 --scheduler euler_k", 1), ()),
    "c11-two-passes": (
        f"t2i {WORDS} {SAMPLED} {SIZE} | i2i {WORDS} {SAMPLED} --strength 0.2".replace("--steps 20", "--steps 25"),
        (
            "node 3 `KSamplerAdvanced` stops at step 20 of 25: this line takes all steps",
            CONTINUES,
        ),
    ),
    "c12-second-text": (
        USUAL,
        (
            "node 6 `CLIPTextEncodeSDXL`: its second prompt is ignored: text_l `oil painting`",
            f"node 6 `CLIPTextEncodeSDXL`: not supported: {SDXL_SIZES}",
        ),
    ),
    "c13-inpaint": (
        f"load x.png | i2i {WORDS} {SAMPLED} --strength 1",
        (
            "generation starts from the file `x.png` in ComfyUI's input folder",
            MISSING.format("x.png"),
        ),
    ),
    "c14-karras-node": (
        f"t2i {WORDS} --steps 20 --guidance 5 --scheduler dpmpp_2m_k --seed 9 {SIZE}",
        ("node 17 `KarrasScheduler`: not supported: sigma_max 14.6, sigma_min 0.03",),
    ),
    "c15-repeated": (USUAL, ("the image was made in a batch of several images: this line makes only the first",)),
    "c16-efficient": (
        f't2i "a fox" --negative blur --steps 20 --guidance 7 --scheduler euler --seed 5 --clip-skip 1 {SIZE}',
        ("the model `m.safetensors` is not installed: the default is used",),
    ),
    "c19-nested-weights": (USUAL.replace('"a fox"', '"(a fox)0.5( in snow)1.5, sea"'), ()),
    "c18-concat": (
        IN_SNOW,
        ("node 13 `ConditioningConcat`: combined prompts are not supported and are joined with commas",),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_image_is_read_as_the_expected_line_with_notes(name: str, line_of: Imports) -> None:
    assert line_of(read_texts(MATERIAL / f"{name}.png")) == CASES[name]
