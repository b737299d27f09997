"""The form of a stage: each input with its value, where the value comes from, and what to replace in the text."""

from __future__ import annotations

from typing import Any

import pytest

from workflows.workspace import Workspace

from .conftest import Check


def inputs(found: dict[str, Any], stage: int = 0) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in found["forms"][stage]["inputs"]}


TEXT = "t2i a red fox --steps 20 | blur 2"
ORIGINS = {
    "prompt": "typed", "steps": "typed", "negative": "default", "model": "default", "guidance": "model", "seed": "drawn"
}  # fmt: skip


def test_each_input_tells_where_its_value_comes_from(check: Check) -> None:
    found = inputs(check(TEXT))
    assert {name: found[name]["origin"] for name in ORIGINS} == ORIGINS
    assert [found[name]["value"] for name in ORIGINS] == ["a red fox", 20, "", "default", 4.0, None]


def test_a_link_names_its_stage_its_output_and_its_reason(check: Check) -> None:
    image = inputs(check(TEXT), 1)["image"]
    assert (image["origin"], image["reason"], image["links"]) == ("linked", "piped", [{"stage": 1, "output": "image"}])


def test_a_default_that_the_user_has_set_is_told_apart(workspace: Workspace, check: Check) -> None:
    workspace.memory.set("steps", "7")
    steps = inputs(check("t2i a fox"))["steps"]
    assert (steps["origin"], steps["value"]) == ("set", 7)


def test_a_default_for_one_model_names_the_model(workspace: Workspace, check: Check) -> None:
    workspace.memory.set("steps@default", "9")
    steps = inputs(check("t2i a fox"))["steps"]
    assert (steps["origin"], steps["value"]) == ("set", 9)


ARGUMENTS = [
    ("t2i a red fox --steps 20", "prompt", "a red fox", ["a red fox"]),
    ("t2i a red fox --steps 20", "steps", "20", ["--steps 20"]),
    ("t2i a fox --steps=20", "steps", "20", ["--steps=20"]),
    ("t2i a fox --tiled", "tiled", "--tiled", ["--tiled"]),
    ("t2i a fox --no-tiled", "tiled", "--no-tiled", ["--no-tiled"]),
    ("t2i a fox --steps 10,20", "steps", "10,20", ["--steps 10,20"]),
    ("add 1 2", "b", "2", ["2"]),
    ("add 1 --b 2", "b", "2", ["--b 2"]),
    ("add 1 2 as x | mul 3 --link x value b", "b", "b", ["--link x value b"]),
    ("add 1 2 as x | mul --b @x", "b", "@x", ["--b @x"]),
    ("sweep seed=1..4 | t2i fox", "seed", "1..4", ["seed=1..4"]),
]


@pytest.mark.parametrize(("text", "name", "value", "arguments"), ARGUMENTS)
def test_the_places_to_replace_and_to_remove_are_those_of_the_words(
    check: Check, text: str, name: str, value: str, arguments: list[str]
) -> None:
    forms = check(text)["forms"]
    written = [each for form in forms for each in form["inputs"] if each["name"] == name and each["span"]]
    found = written[-1]
    assert text[slice(*found["span"])] == found["text"] == value
    assert [text[slice(*each)] for each in found["arguments"]] == arguments


def test_a_value_that_its_input_refuses_is_kept_for_correction(check: Check) -> None:
    found = inputs(check("t2i a fox --steps 5000 | blur x"))["steps"]
    assert (found["value"], found["origin"], found["refused"]) == ("5000", "typed", True)


INSERTED = [
    ("t2i a fox", "t2i a fox --steps 9"),
    ("add 1 2 as sum", "add 1 2 --steps 9 as sum"),
    ("t2i --as fox a fox", "t2i --as fox a fox --steps 9"),
    ("t2i a -- -5 degrees", "t2i a --steps 9 -- -5 degrees"),
    ("t2i -- -5 degrees", "t2i --steps 9 -- -5 degrees"),
    ("t2i a fox as it is", "t2i a fox as it is --steps 9"),
    ("t2i dressed as batman", "t2i dressed as batman --steps 9"),
    ("t2i | blur 2", "t2i --steps 9 | blur 2"),
]


@pytest.mark.parametrize(("text", "expected"), INSERTED)
def test_an_option_can_be_inserted_into_a_stage(check: Check, text: str, expected: str) -> None:
    at = check(text)["forms"][0]["insert"]
    inserted = f"{text[:at]} --steps 9{text[at:]}"
    assert inserted == expected
    if text.startswith("t2i"):
        assert inputs(check(inserted))["steps"]["value"] == 9


def test_a_missing_input_is_told(check: Check) -> None:
    assert inputs(check("blur 2"))["image"]["origin"] == "missing"


def test_the_inputs_of_a_sweep_are_the_names_that_it_declares(check: Check) -> None:
    found = check("sweep seed=1..4 steps=10,20 | t2i a fox")["forms"]
    assert [(each["name"], each["value"]) for each in found[0]["inputs"]] == [("seed", "1..4"), ("steps", "10,20")]
    assert inputs({"forms": found}, 1)["seed"]["origin"] == "linked"


def test_a_stage_with_an_unknown_command_has_no_inputs(check: Check) -> None:
    (form,) = check("nosuch 3")["forms"]
    assert (form["known"], form["inputs"]) == (False, [])


def test_no_form_contains_the_path_of_a_loaded_file(workspace: Workspace, check: Check, cat: object) -> None:
    workspace.run("load cat.png")
    found = check("blur @1 2 | save out.png")
    assert workspace.folder not in str(found)


def test_a_seed_is_a_string_of_digits(check: Check) -> None:
    found = check("t2i a fox --seed 18446744073709551615")
    assert inputs(found)["seed"]["value"] == "18446744073709551615"
    (seed,) = [each["value"] for each in found["plan"]["values"] if each["input"] == "seed"]
    assert seed == "18446744073709551615"
