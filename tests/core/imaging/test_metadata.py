"""The `parameters` string, which holds the settings of an image, and the text chunks that store it in files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core.imaging import files
from core.imaging.errors import ImageUnreadable
from core.imaging.metadata import read_texts
from core.imaging.parameters import parameters_text, read_parameters, sampler_name, scheduler_name

FACTS = {
    "prompt": "a red fox, in the snow",
    "negative": "blur: strong",
    "steps": 20,
    "scheduler": "dpmpp_2m",
    "guidance": 7.5,
    "seed": 7,
    "width": 96,
    "height": 64,
    "model": "default",
    "strength": 0.75,
    "version": "invokeai-cli 0.1.0",
}
TEXT = (
    "a red fox, in the snow\nNegative prompt: blur: strong\nSteps: 20, Sampler: DPM++ 2M, CFG scale: 7.5, Seed: 7, "
    "Size: 96x64, Model: default, Denoising strength: 0.75, Version: invokeai-cli 0.1.0"
)


def test_image_settings_are_formatted_as_a_parameters_string() -> None:
    assert parameters_text(FACTS) == TEXT


def test_parameters_survive_a_round_trip() -> None:
    assert read_parameters(TEXT) == {key: str(value) for key, value in FACTS.items()}


@pytest.mark.parametrize(
    ("scheduler", "sampler"),
    [("euler_a", "Euler a"), ("dpmpp_2m_k", "DPM++ 2M Karras"), ("sa_k", "sa Karras"), ("dpmpp_2s", "dpmpp_2s")],
)
def test_schedulers_are_written_under_the_names_of_other_tools(scheduler: str, sampler: str) -> None:
    assert (sampler_name(scheduler), scheduler_name(sampler)) == (sampler, scheduler)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({}, ""),
        ({"seed": 7}, ""),
        ({"prompt": "a fox"}, "a fox"),
        ({"prompt": "a fox", "negative": ""}, "a fox"),
        ({"prompt": "a fox", "model": "a, b"}, 'a fox\nModel: "a, b"'),
        ({"prompt": "a fox", "guidance": 7.0}, "a fox\nCFG scale: 7"),
        ({"prompt": "a fox", "steps": None, "seed": 0}, "a fox\nSeed: 0"),
    ],
)
def test_settings_without_a_value_are_omitted(facts: dict[str, object], text: str) -> None:
    assert parameters_text(facts) == text


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("", {"prompt": ""}),
        ("just words: here", {"prompt": "just words: here"}),
        ("a: b, c: d, e: f", {"prompt": "a: b, c: d, e: f"}),
        (
            "a fox\nNegative prompt: text: 1, seed: 2, legs: 3",
            {"prompt": "a fox", "negative": "text: 1, seed: 2, legs: 3"},
        ),
        ("a\nb\nSteps: 4, Seed: 5, Foo: bar", {"prompt": "a\nb", "steps": "4", "seed": "5", "Foo": "bar"}),
        (
            'a\nNegative prompt: b\nc\nSteps: 4, Seed: 5, Model: "x, y"',
            {"prompt": "a", "negative": "b\nc", "steps": "4", "seed": "5", "model": "x, y"},
        ),
    ],
)
def test_parameters_strings_from_other_tools_are_read(text: str, facts: dict[str, str]) -> None:
    assert read_parameters(text) == facts


@given(st.text())
def test_arbitrary_text_never_crashes_the_reader(text: str) -> None:
    read_parameters(text)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp"])
def test_each_file_format_stores_the_parameters_string(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"a.{suffix}"
    files.write_image(Image.new("RGB", (8, 8)), path, metadata={"parameters": "ein Fuchs, 狐"})
    assert read_texts(path)["parameters"] == "ein Fuchs, 狐"


def test_reading_a_file_without_text_chunks_returns_an_empty_dict(tmp_path: Path) -> None:
    for suffix in ("png", "jpg", "bmp"):
        files.write_image(Image.new("RGB", (8, 8)), tmp_path / f"a.{suffix}")
        assert read_texts(tmp_path / f"a.{suffix}") == {}


def test_a_text_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not an image")
    with pytest.raises(ImageUnreadable):
        read_texts(tmp_path / "a.png")
