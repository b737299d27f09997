"""In every format, a prompt that is too long is shortened and noted, and a seed of -1 causes one note."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.workflows.importers.comfyui.graphs import BASE, graph, node, sampler
from tests.workflows.importers.conftest import Imports
from workflows.importers.parameters import MAX_PROMPT, NO_SEED

LONG = "a fox, " * 4000
CUT = "a prompt of {} characters is truncated to 20000"
NOVELAI = {"uc": "", "steps": 20, "scale": 5, "sampler": "k_euler", "seed": 1}
PIECE = "b" * 15_000


@pytest.mark.parametrize(
    ("texts", "length"),
    [
        ({"parameters": f"{LONG}\nSteps: 20, Seed: 1"}, len(LONG.strip())),
        (graph(n6=node("CLIPTextEncode", text=LONG, clip=["4", 1])), len(LONG)),
        (
            graph(
                n6=node("CLIPTextEncode", text=["20", 0], clip=["4", 1]),
                n20=node("StringConcatenate", string_a=PIECE, string_b=PIECE, delimiter=""),
            ),
            2 * len(PIECE),
        ),
        ({"invokeai_metadata": json.dumps({"positive_prompt": LONG, "seed": 1})}, len(LONG)),
        ({"sd-metadata": json.dumps({"image": {"prompt": [{"prompt": LONG, "weight": 1}], "seed": 1}})}, len(LONG)),
        ({"Comment": json.dumps(NOVELAI | {"prompt": LONG})}, len(LONG)),
        (
            {"Comment": json.dumps(NOVELAI | {"v4_prompt": {"caption": {"base_caption": LONG, "char_captions": []}}})},
            len(LONG),
        ),
        ({"parameters": json.dumps({"sui_image_params": {"prompt": LONG, "seed": 1}})}, len(LONG)),
    ],
)
def test_a_prompt_that_is_too_long_is_shortened_and_noted(line_of: Imports, texts: dict[str, str], length: int) -> None:
    line, notes = line_of(texts)
    assert len(line) < MAX_PROMPT + 1000
    assert CUT.format(length) in notes


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": "a fox\nSteps: 20, Seed: -1"},
        {"Dream": '"a fox" -s 20 -S -1'},
        {"invokeai_metadata": json.dumps({"positive_prompt": "a fox", "seed": -1})},
        {"parameters": json.dumps({"sui_image_params": {"prompt": "a fox", "seed": -1}})},
        graph(n3=sampler(seed=-1)),
    ],
)
def test_a_seed_of_minus_one_causes_one_note(line_of: Imports, texts: dict[str, Any]) -> None:
    line, notes = line_of(texts)
    assert "--seed" not in line
    assert [note for note in notes if "seed" in note.lower()] == [NO_SEED]


def test_the_seed_of_the_default_graph_is_written_in_the_line(line_of: Imports) -> None:
    assert "--seed 5" in line_of({"prompt": json.dumps(BASE)})[0]
