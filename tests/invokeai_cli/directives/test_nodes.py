"""The directive `nodes`: commands by category, and a search."""

from __future__ import annotations

import pytest

from tests.invokeai_cli.conftest import TypeLine


def test_nodes_are_listed_by_category_and_searched(type_: TypeLine) -> None:
    listing = type_("nodes").out
    assert listing.index("generate\n") < listing.index("numbers\n")
    found = type_("nodes", "sum", "--json").document
    assert found["schema"] == "nodes/1"
    assert [node["type"] for node in found["nodes"]] == ["add"]
    assert type_("nodes", "nothing-like-it").status == 2
    assert "to search, type only the words to find: nodes mask" in type_("nodes --search mask").err


@pytest.mark.parametrize(
    ("word", "commands"),
    [("txt2img", {"t2i"}), ("montage", {"grid"}), ("cfg", {"t2i", "i2i", "inpaint", "outpaint", "denoise"})],
)
def test_nodes_are_found_by_the_terms_that_other_tools_use(type_: TypeLine, word: str, commands: set[str]) -> None:
    assert {node["type"] for node in type_("nodes", word, "--json").document["nodes"]} == commands


def test_a_search_for_an_unsupported_feature_suggests_an_alternative(type_: TypeLine) -> None:
    found = type_("nodes", "face").out
    assert "\n  inpaint  " in found
    assert found.endswith("\n\nthere is no face restoration; `inpaint` redraws a part of an image\n")
    refused = type_("nodes", "lora")
    assert refused.err == "error: no command matches `lora`\n  LoRAs cannot be used yet\n"


def test_a_program_reads_every_input_with_type_range_default_and_examples(type_: TypeLine) -> None:
    (blur,) = [each for each in type_("nodes", "blur", "--json").document["nodes"] if each["type"] == "blur"]
    assert blur["examples"]
    radius = next(each for each in blur["inputs"] if each["name"] == "radius")
    assert radius["option"] == "--radius"
    assert radius["range"]
    assert {"type", "description", "required", "default"} <= radius.keys()
