"""Images of other tools that a refiner has finished."""

from __future__ import annotations

import json

import pytest

from tests.workflows.importers.conftest import make_line

MODELS = ("default", "xl_base", "xl_refiner")
A1111 = (
    "fox\nSteps: 9, Sampler: Euler, Seed: 5, Model: xl_base, Refiner: xl_refiner [7440042bbd], Refiner switch at: 0.7"
)
INVOKEAI = {
    "positive_prompt": "fox", "negative_prompt": "", "steps": 9, "seed": 5, "scheduler": "euler",
    "model": {"model_name": "xl_base"}, "refiner_model": {"model_name": "xl_refiner"}, "refiner_start": 0.7,
}  # fmt: skip
FOOOCUS = {
    "metadata_scheme": "fooocus", "prompt": "fox", "base_model": "xl_base", "refiner_model": "xl_refiner.safetensors",
    "refiner_switch": 0.7, "steps": 9, "seed": "5", "sampler": "euler", "scheduler": "normal", "clip_skip": 3,
}  # fmt: skip
LINE = "t2i fox --model xl_base --refiner xl_refiner --refiner-start 0.7 --steps 9 --scheduler euler --seed 5"


@pytest.mark.parametrize(
    ("texts", "line"),
    [
        ({"parameters": A1111}, LINE),
        ({"invokeai_metadata": json.dumps(INVOKEAI)}, LINE),
        ({"parameters": json.dumps(FOOOCUS)}, f"{LINE} --clip-skip 1"),  # SDXL models never use the last layer
    ],
    ids=["AUTOMATIC1111", "InvokeAI", "Fooocus"],
)
def test_a_refiner_is_written_in_the_line(texts: dict[str, str], line: str) -> None:
    assert make_line(texts, MODELS)[0] == line


@pytest.mark.parametrize("missing", ["xl_base", "xl_refiner"])
def test_without_one_of_the_models_the_refiner_is_left_out(missing: str) -> None:
    line, notes = make_line({"parameters": A1111}, [model for model in MODELS if model != missing])
    assert "refiner" not in line
    assert "the refiner `xl_refiner` is left out: it or the model is not installed" in notes


def test_with_a_hires_fix_only_the_second_pass_has_a_refiner() -> None:
    line, _ = make_line({"parameters": f"{A1111}, Hires upscale: 2, Denoising strength: 0.4, Size: 64x64"}, MODELS)
    first, _, second = line.split(" | ")
    assert "--refiner" not in first
    assert "--refiner xl_refiner --refiner-start 0.7" in second
