"""A recipe is shown as rows and as data: its inputs, what each of them sets, and their defaults."""

from __future__ import annotations

import json

from workflows.recipes.shown import input_rows, recipe_data
from workflows.workspace import Workspace


def test_each_input_of_a_recipe_has_a_row_with_what_it_sets_and_its_default(workspace: Workspace) -> None:
    spec = workspace.catalog["t2i"]
    rows = {name: (what, default) for name, what, default in input_rows(spec)}
    assert rows.keys() == {each.name for each in spec.inputs}
    assert rows["prompt"] == ("prompt.text", "(required)")
    assert rows["steps"] == ("denoise.steps", "from the model")
    assert rows["refiner_start"] == ("denoise.refiner_start", "0.8")


def test_the_data_of_a_recipe_can_be_converted_to_json(workspace: Workspace) -> None:
    data = json.loads(json.dumps(recipe_data(workspace.catalog["t2i"])))
    assert (data["name"], data["origin"]) == ("t2i", "built in")
    assert data["line"] == data["pipeline"] == "prompt | noise | denoise | decode"
    steps = next(each for each in data["inputs"] if each["name"] == "steps")
    assert steps == {"name": "steps", "sets": ["denoise.steps"], "default": None, "required": False}
