"""`nodes/1`: the commands as data, with every input, its range, its default and what the model families mean for it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.services.models.family_notes import defaults_of, notes_on
from invocations.spec import FieldSpec, FieldType
from workflows.manual.node_data import input_data, node_data, nodes_data

CATALOG = open_registry()
ALL = nodes_data(CATALOG.values(), CATALOG)
NODES = {each["type"]: each for each in ALL["nodes"]}


def input_of(type_: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in NODES[type_]["inputs"] if each["name"] == name)
    return found


def test_all_commands_and_the_options_of_every_command_are_there() -> None:
    assert set(NODES) == set(CATALOG)
    assert "--no-cache" in [each["usage"] for each in ALL["common_options"]]
    json.dumps(ALL, allow_nan=False)


def test_the_fields_of_earlier_versions_are_still_there() -> None:
    assert all({"type", "title", "category", "summary", "origin"} <= each.keys() for each in ALL["nodes"])


@pytest.mark.parametrize("type_", ["t2i", "blur", "if", "collect"])
def test_each_input_of_a_command_is_there(type_: str) -> None:
    names = [each["name"] for each in NODES[type_]["inputs"]]
    assert names[: len(CATALOG[type_].inputs)] == [field.name for field in CATALOG[type_].inputs]
    assert [each["name"] for each in NODES[type_]["outputs"]] == [field.name for field in CATALOG[type_].outputs]


def test_an_input_has_its_type_range_default_and_names_in_other_tools() -> None:
    assert (
        input_of("t2i", "steps").items()
        >= {
            "option": "--steps",
            "short": "-s",
            "type": "int",
            "required": False,
            "default": None,
            "default_text": "from the model",
            "range": {"ge": 1, "le": 1000},
            "range_text": "1 to 1000",
            "by_model": True,
        }.items()
    )
    assert "sampling-steps" in input_of("t2i", "steps")["other_names"]
    assert input_of("t2i", "seed")["default_text"] == "picked at random"


def test_a_choice_lists_its_values() -> None:
    assert input_of("flip", "direction")["choices"] == ["horizontal", "vertical", "both"]


def test_a_recipe_has_the_inputs_of_its_stages_and_its_pipeline() -> None:
    assert input_of("t2i", "denoise.strength")["option"] == "--denoise.strength"
    assert NODES["t2i"]["pipeline"] == CATALOG["t2i"].pipeline
    assert NODES["blur"]["pipeline"] == ""


def test_a_default_of_the_model_is_listed_by_family_and_variant() -> None:
    steps = input_of("t2i", "steps")["family_defaults"]
    assert (steps["sd1"], steps["sdxl"], steps["sdxl turbo"]) == (25, 30, 4)
    assert input_of("t2i", "scheduler")["family_defaults"]["sdxl turbo"] == "euler_a"
    assert input_of("t2i", "width")["family_defaults"]["sdxl"] == 1024
    assert "sdxl lightning" not in input_of("t2i", "width")["family_defaults"]  # the same as its family
    assert "family_defaults" not in input_of("blur", "radius")


def test_a_note_names_the_models_that_ignore_or_refuse_an_input() -> None:
    assert input_of("denoise", "strength")["family_notes"] == [
        {
            "effect": "ignored",
            "reason": "models that edit images by instructions start from noise",
            "models": "models that edit images by instructions",
        }
    ]
    refused = input_of("denoise", "refiner")["family_notes"]
    assert {
        "effect": "refused",
        "reason": "only Stable Diffusion XL models can use one",
        "families": ["sd1", "sd2"],
    } in refused


def test_what_an_input_lacks_is_left_out() -> None:
    field = FieldSpec("size_of", FieldType("int"), "d", required=False, default=3)
    assert input_data(field) == {
        "name": "size_of",
        "option": "--size-of",
        "type": "int",
        "description": "d",
        "given": "either",
        "required": False,
        "primary": False,
        "free_text": False,
        "seed": False,
        "by_model": False,
        "common": True,
        "default": 3,
        "default_text": "3",
    }


def test_an_input_that_no_model_decides_has_no_notes() -> None:
    field = FieldSpec("a", FieldType("int"), "d")
    assert (notes_on(field), defaults_of(field)) == ((), {})


def test_one_command_is_described_alone() -> None:
    assert node_data(CATALOG["blur"], CATALOG) == NODES["blur"]
