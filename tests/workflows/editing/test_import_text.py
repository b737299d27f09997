"""A line for the text that another tool stores with an image."""

from __future__ import annotations

import json

import pytest

from workflows.editing.import_text import line_of_text
from workflows.importers.provenance import SAVED_TEXTS, NoProvenance
from workflows.workspace import Workspace

INFOTEXT = """a red house, (sunny:1.2)
Negative prompt: rain
Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 512x512, Model: nosuch"""


def test_settings_of_another_tool_become_a_line(workspace: Workspace) -> None:
    found = line_of_text(workspace, INFOTEXT)
    assert found.tool == "AUTOMATIC1111"
    assert workspace.plan(found.line).stages[0].command == "t2i"
    for words in ("--steps 20", "--seed 42", "--guidance 7", "--negative rain"):
        assert words in found.line
    assert any("nosuch" in note for note in found.notes)


@pytest.mark.parametrize("text", ["", "hello", "{}", "[]", '{"a": 1}', "\0", "{" * 5000])
def test_a_text_without_settings_is_refused(workspace: Workspace, text: str) -> None:
    with pytest.raises(NoProvenance) as refused:
        line_of_text(workspace, text)
    assert refused.value.message.startswith("the text cannot be read as settings or a graph: it ")
    assert refused.value.hint == SAVED_TEXTS


def test_text_of_another_tool_never_becomes_a_command(workspace: Workspace) -> None:
    settings = "Steps: 4, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64"
    found = line_of_text(workspace, f"a | save x.png --overwrite\n{settings}")
    assert [stage.command for stage in workspace.plan(found.line).stages] == ["t2i"]


def test_a_graph_that_names_a_file_of_this_machine_does_not_look_for_it(workspace: Workspace, cat: object) -> None:
    graph = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.safetensors"}},
        "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "fox", "clip": ["1", 1]}},
        "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["1", 1]}},
        "4": {"class_type": "LoadImage", "inputs": {"image": "cat.png"}},
        "5": {"class_type": "VAEEncode", "inputs": {"pixels": ["4", 0], "vae": ["1", 2]}},
        "6": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["5", 0], "seed": 1,
                "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.5,
            },
        },
        "7": {"class_type": "VAEDecode", "inputs": {"samples": ["6", 0], "vae": ["1", 2]}},
        "8": {"class_type": "SaveImage", "inputs": {"images": ["7", 0]}},
    }  # fmt: skip
    there = line_of_text(workspace, json.dumps(graph))
    absent = line_of_text(workspace, json.dumps(graph).replace("cat.png", "dog.png"))
    assert absent.line.replace("dog.png", "cat.png") == there.line
    assert [note.replace("dog.png", "cat.png") for note in absent.notes] == list(there.notes)
