"""The page of a model lists what is known about it, each fact with its label."""

from __future__ import annotations

import json
from dataclasses import replace

from invocations.services.models.base import ModelDetails, ModelInfo, ModelSettings
from workflows.model_page import page_data, page_rows

INFO = ModelInfo("ink", "sd1", "/m/ink.safetensors", 6_000_000, "/m", "lora", "", "a LoRA for X", "not yet", "not yet")
SUITS = ModelSettings("sd1", 512, 640, 8, 25, 7.5, "dpmpp_2m")
DETAILS = ModelDetails(
    INFO,
    container="safetensors",
    layout="kohya",
    dtype="fp16",
    quantization="",
    why=("has a", "has b"),
    advice="wait",
    parts=(("denoiser", "sd1", 5_000_000), ("vae", "", 1_000_000)),
    missing=("vae", "clip-l"),
    facts={"rank": 32, "text_width": 768},
    notes={"trigger_words": ["ink", "pen"], "weight": 0.8, "invokeai_defaults": {"steps": 30, "cfg_scale": 5}},
    problems=(("/m/ink.json", "it is not JSON"),),
    defaults=SUITS,
    fingerprint="0a1b",
)


def test_the_page_lists_every_fact_with_its_label() -> None:
    assert page_rows(DETAILS) == (
        ("name", "ink"),
        ("what it is", "a LoRA for X"),
        ("state", "not yet"),
        ("what to do", "wait"),
        ("path", "/m/ink.safetensors"),
        ("size", "6.0 MB"),
        ("format", "safetensors, kohya, fp16"),
        ("recognized by", "has a"),
        ("", "has b"),
        ("parts", "denoiser (sd1), 5.0 MB"),
        ("", "vae, 1.0 MB"),
        ("lacks", "vae, clip-l"),
        ("facts", "rank 32, text width 768"),
        ("trigger words", "ink, pen"),
        ("weight", "0.8"),
        ("InvokeAI's settings", "steps 30, cfg_scale 5"),
        ("to use these", "set steps 30 --model ink --save"),
        ("", "set guidance 5 --model ink --save"),
        ("not read", "/m/ink.json: it is not JSON"),
        ("defaults", "512x640, 25 steps, guidance scale 7.5, dpmpp_2m"),
        ("fingerprint", "0a1b"),
    )


def test_the_page_shows_the_users_own_defaults_and_what_the_model_ignores_and_refuses() -> None:
    suits = replace(SUITS, ignores={"clip_skip": "it has one layer"}, refuses={"mask": "a", "strength": "b"})
    rows = page_rows(replace(DETAILS, defaults=suits), {"steps": "30", "scheduler": "euler"})
    start = [label for label, _ in rows].index("defaults")
    assert rows[start + 1 : -1] == (
        ("your defaults", "steps 30, scheduler euler"),
        ("ignores", "clip skip: it has one layer"),
        ("refuses", "`--mask`: a"),
        ("", "`--strength`: b"),
    )
    assert page_data(DETAILS, {"steps": "30"})["own_defaults"] == {"steps": "30"}


def test_the_data_of_a_page_can_be_converted_to_json() -> None:
    data = json.loads(json.dumps(page_data(DETAILS)))
    assert (data["name"], data["kind"], data["why"]) == ("ink", "lora", ["has a", "has b"])
    assert data["parts"][0] == {"role": "denoiser", "family": "sd1", "size_bytes": 5_000_000}
    assert data["problems"] == [{"path": "/m/ink.json", "reason": "it is not JSON"}]
    assert (data["defaults"]["width"], data["notes"]["weight"], data["added"]) == (512, 0.8, None)


def test_the_page_says_what_a_model_needs_and_its_clip_skip() -> None:
    rows = page_rows(replace(DETAILS, defaults=replace(SUITS, needs_mask=True, steps=1, clip_skip=1)))
    start = [label for label, _ in rows].index("needs")
    assert rows[start : start + 2] == (
        ("needs", "a mask: use `inpaint`"),
        ("defaults", "512x640, 1 step, guidance scale 7.5, dpmpp_2m, clip skip 1"),
    )
    edits = page_rows(replace(DETAILS, defaults=replace(SUITS, needs_image=True)))
    assert ("needs", "an image to edit and an instruction: use `i2i`") in edits


def test_the_page_shows_how_to_use_invokeais_settings_that_differ_from_those_in_effect() -> None:
    theirs = {
        "steps": 25, "cfg_scale": 5.5, "width": 768, "height": 1024, "scheduler": "dpmpp_2m_k", "vae": "x", "weight": 1,
    }  # fmt: skip
    rows = page_rows(replace(DETAILS, info=replace(INFO, name="my ink"), notes={"invokeai_defaults": theirs}),
                     {"height": "512"})  # fmt: skip
    start = [label for label, _ in rows].index("to use these")
    assert rows[start : start + 4] == (
        ("to use these", 'set guidance 5.5 --model "my ink" --save'),
        ("", 'set width 768 --model "my ink" --save'),
        ("", 'set scheduler dpmpp_2m_k --model "my ink" --save'),
        ("not read", "/m/ink.json: it is not JSON"),
    )
    unknown = {"scheduler": "no\nsuch", "steps": "many"}
    for other in (replace(DETAILS, notes={"invokeai_defaults": unknown}), replace(DETAILS, defaults=None)):
        assert "to use these" not in [label for label, _ in page_rows(other)]
