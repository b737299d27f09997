"""Hostile metadata from tools that write JSON or settings is read in linear time and never causes a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.linear_time import assert_linear
from tests.workflows.importers.test_hostile import JSON, TEXT, stages_of
from workflows.importers import automatic1111, draw_things, novelai
from workflows.importers.detect import detect
from workflows.importers.structured import READERS, read_json, read_parameters

BASES: dict[str, dict[str, Any]] = {
    "swarmui": {"sui_image_params": {}},
    "fooocus": {"metadata_scheme": "fooocus"},
    "draw_things": {"c": "x", "uc": ""},
    "novelai": {"prompt": "x", "uc": "", "steps": 1},
}
NAMES = st.sampled_from(
    ["prompt", "negativeprompt", "uc", "c", "seed", "steps", "scale", "size", "width", "model", "sampler", "scheduler",
     "resolution", "full_prompt", "loras", "lora_combined_1", "lora", "loraweights", "v4_prompt", "strength", "vae",
     "hires_fix", "first_stage_size", "clip_skip", "clipstopatlayer", "initimage", "request_type", "n_samples"]
)  # fmt: skip


@given(st.sampled_from(sorted(BASES)), st.dictionaries(NAMES, JSON, max_size=8))
@settings(max_examples=200)
def test_no_json_value_makes_a_reader_crash(tool: str, data: dict[str, Any]) -> None:
    whole = {**BASES[tool], **data}
    if tool == "swarmui":
        whole = {"sui_image_params": data}
    found = read_json(json.dumps(whole))
    if found is not None:
        assert set(stages_of(found)) <= {"t2i", "upscale", "i2i"}


@given(TEXT, TEXT)
@settings(max_examples=100)
def test_the_words_of_a_prompt_never_become_an_extra_stage(prompt: str, negative: str) -> None:
    texts = (
        {"sui_image_params": {"prompt": prompt, "negativeprompt": negative}},
        {"metadata_scheme": "fooocus", "prompt": prompt, "negative_prompt": negative},
        {"c": prompt, "uc": negative},
        {"prompt": prompt, "uc": negative, "steps": 1},
    )
    for data in texts:
        assert stages_of(read_json(json.dumps(data))) == ["t2i"]


@given(st.text(alphabet='Steps: 20,Sampler|"{}[]\n\\Negative prompt:Size512x', max_size=200))
@settings(max_examples=200)
def test_no_settings_make_the_reader_crash(text: str) -> None:
    for whole in (text, f"a fox\nSteps: 20, {text}", f"a fox\n{text}\nSteps: 20, Seed: 5"):
        found = automatic1111.read(whole)
        if found is not None:
            assert set(stages_of(found)) <= {"t2i", "upscale", "i2i"}


@given(TEXT)
def test_no_xmp_document_makes_the_reader_crash(text: str) -> None:
    xmp = f"<CreatorTool>Draw Things</CreatorTool><exif:UserComment>{text}</exif:UserComment>{text}"
    draw_things.read(xmp)
    draw_things.read(xmp.replace("exif:UserComment", "dc:description"))
    novelai.with_prompt({"Comment": text, "Description": text})


@pytest.mark.parametrize(
    "piece",
    ["Steps: 1, ", "a: b, ", "a, ", "x | y: ", "Seed: 5\n", "Negative prompt: ", '"', "{", "[a:", "[", "AND ", "BREAK ",
     "(a:1)", "\\(", "{[", "1::", "a" * 60 + ":", "<rdf:li>", "-1."],
)  # fmt: skip
def test_a_long_repetitive_string_is_read_in_linear_time(piece: str) -> None:
    def read(times: int) -> None:
        long = piece * times
        settings_after = f"a fox {long} Steps: 20, Seed: 5"
        for text in (long, f"a fox\nSteps: 20, {long}", settings_after, json.dumps({"c": long, "uc": long})):
            read_parameters(text)
        novelai.pieces(long)
        draw_things.read(f"CreatorTool>Draw Things {long}<exif:UserComment>{long}")

    assert_linear(read, most=12_800)


def test_these_tests_cover_every_reader_of_json() -> None:
    assert len(READERS) == len(BASES)
    assert {found.tool for base in BASES.values() if (found := read_json(json.dumps(base))) is not None} == {
        "SwarmUI", "Fooocus", "Draw Things", "NovelAI",
    }  # fmt: skip


def test_pipe_symbols_in_settings_never_separate_stages() -> None:
    found = detect({"parameters": "a fox | save /etc/passwd\nSteps: 4, Seed: 1, Model: x | save y"})
    assert stages_of(found) == ["t2i"]
