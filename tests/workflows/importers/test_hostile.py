"""Hostile metadata never causes a traceback, an extra stage or an invisible character."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from invocations.catalog.registry import open_registry
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from workflows.importers import automatic1111, comfyui, dream, invokeai_graph, sd_metadata
from workflows.importers import invokeai as invokeai_metadata
from workflows.importers.detect import READERS, detect
from workflows.importers.parameters import Imported
from workflows.importers.to_pipeline import cleaned, to_pipeline
from workflows.importers.untrusted import Unreadable

REGISTRY = open_registry()
NASTY = st.text(
    alphabet=st.sampled_from(list("ab |\"'\\\n\t#@-=()[]:<>,.$`;{}\x1b\x00\r\u202e\u2028\ud800é狐🦊 ")), max_size=60
)
TEXT = NASTY | st.text(max_size=60)


def read_or_refused(read: Callable[..., Imported | None], text: str) -> Imported | None:
    """Return the reader's result, or None if it refused the string with a short one-line reason."""
    try:
        return read(text)
    except Unreadable as refusal:
        why = str(refusal)
    assert len(why) < 1000
    assert "\n" not in why
    return None


def stages_of(found: Imported | None) -> list[str]:
    """Return the commands of the imported line; check that the printed line parses to the same tree."""
    assert found is not None
    pipeline, _ = to_pipeline(found, REGISTRY, ["default"])
    line = print_tree(pipeline)
    assert "\n" not in line
    assert not [char for char in line if unicodedata.category(char) in ("Cc", "Cs") or char in "\u202a\u202e\u2066"]
    assert parse(Source(None, line)) == pipeline
    return [stage.command.text for stage in pipeline.stages]


@given(TEXT, TEXT)
@settings(max_examples=150)
def test_the_words_of_a_prompt_never_become_an_extra_stage(prompt: str, negative: str) -> None:
    v3 = {"positive_prompt": prompt, "negative_prompt": negative, "seed": 1}
    assert stages_of(invokeai_metadata.read(json.dumps(v3))) == ["t2i"]
    v2 = {"image": {"prompt": prompt, "seed": 1}}
    assert stages_of(sd_metadata.read(json.dumps(v2))) == ["t2i"]
    comfy = {
        "1": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
        "2": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0]}},
        "3": {"class_type": "KSampler", "inputs": {"positive": ["4", 0], "latent_image": ["5", 0]}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": prompt}},
    }
    assert stages_of(comfyui.read(json.dumps(comfy))) == ["t2i"]
    found = automatic1111.read(f"x{prompt}\nNegative prompt: {negative}\nSteps: 5, Seed: 1, Sampler: DDIM")
    assert set(stages_of(found)) <= {"t2i", "upscale", "i2i"}


@given(TEXT)
def test_no_string_makes_a_reader_crash(text: str) -> None:
    for read in READERS.values():
        found = read_or_refused(read, text)
        if found is not None:
            stages_of(found)


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(
    ["positive_prompt", "seed", "steps", "model", "loras", "width", "image", "prompt", "postprocessing", "hrf_enabled",
     "generation_mode", "sampler", "hrf_strength", "hrf_width", "strength", "init_image", "controlnets", "1", "2"]
)  # fmt: skip


@given(st.dictionaries(KEYS, JSON, max_size=8))
@settings(max_examples=200)
def test_no_json_value_makes_a_reader_crash(data: dict[str, Any]) -> None:
    for text in (json.dumps({"seed": 1, **data}), json.dumps({"image": {"prompt": "x", **data}})):
        for read in (invokeai_metadata.read, sd_metadata.read, comfyui.read, invokeai_graph.read):
            found = read_or_refused(read, text)
            if found is not None:
                stages_of(found)


@given(
    st.dictionaries(st.sampled_from(["images", "samples", "seed", "latent_image", "positive", "text", "model"]), JSON)
)
def test_no_node_inputs_make_the_importer_crash(inputs: dict[str, Any]) -> None:
    for kind in ("SaveImage", "VAEDecode", "KSampler", "LatentUpscaleBy", "CLIPTextEncode"):
        graph = {
            "1": {"class_type": kind, "inputs": inputs},
            "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
            "3": {"class_type": kind, "inputs": "no"},
        }
        found = read_or_refused(comfyui.read, json.dumps(graph))
        if found is not None:
            stages_of(found)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 50_000,
        '{"image": {"prompt": ' + "[" * 900 + "]" * 900 + "}}",
        '{"image": {"prompt": "x", "threshold": ' + "[" * 900 + "]" * 900 + "}}",
        '{"seed": 1, "vae": ' + '{"a": ' * 900 + "1" + "}" * 901,
        '{"seed": ' + "9" * 5000 + "}",
        '{"seed": 1e999, "steps": NaN, "positive_prompt": null}',
        "(" * 20_000,
        "(" * 5_000 + ")" * 5_000,
        "[:" * 20_000,
        "<lora:" * 20_000,
        "a: " * 20_000,
        '"' * 20_001,
        "Steps: 1, " * 20_000,
        "embedding:" * 10_000,
        "x" * 3_000_000,
    ],
)
def test_large_and_deeply_nested_metadata_is_read_without_hanging(text: str) -> None:
    for key in READERS:
        found = read_or_refused(lambda text, key=key: detect({key: text}), text)
        if found is not None:
            stages_of(found)


def test_a_pipe_symbol_in_a_dream_prompt_remains_part_of_the_prompt() -> None:
    found = dream.read('"a fox | save /etc/passwd" -s 4 -S 1')
    assert found is not None
    assert stages_of(found) == ["t2i"]


def test_invisible_characters_are_removed() -> None:
    assert cleaned("a\x1b[31m\x00b\u202ec\nd👩\u200d🚀\ud800") == "a[31mbc\nd👩\u200d🚀"
