"""Recipes: the metadata of their inputs, and every mistake that an author can make."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.catalog.recipes import describe_recipe
from invocations.catalog.registry import open_registry
from invocations.catalog.rules import check_spec
from invocations.errors import DeclarationError
from invocations.spec import Exposure, FieldType, InvocationSpec
from tests.linear_time import assert_linear

SPECS = open_registry().specs()


def recipe(**changes: Any) -> dict[str, Any]:
    """Return a valid recipe with some keys changed; a key that is None is removed."""
    data: dict[str, Any] = {
        "type": "add-round",
        "summary": "Add and round.",
        "pipeline": "add 1 as sum | round",
        "inputs": {
            "first": {"to": ["sum.a"], "primary": True, "position": 1},
            "digits": {"to": ["round.digits"], "default": 2, "short": "d", "le": 3, "description": "how many"},
        },
    }
    return {key: value for key, value in {**data, **changes}.items() if value is not None}


def describe(**changes: Any) -> InvocationSpec:
    """Describe and check a recipe as discovery does."""
    spec = describe_recipe(recipe(**changes), SPECS, "built in")
    check_spec(spec, f"recipe `{spec.type}`")
    return spec


def test_a_recipe_is_described_by_a_spec() -> None:
    spec = describe(title="Add, round", category="numbers", version="1.2.0", tags=["a"], examples=["add-round 2"])
    assert spec.is_recipe
    assert spec.pipeline == "add 1 as sum | round"
    assert (spec.title, spec.category, spec.version) == ("Add, round", "numbers", "1.2.0")
    assert (spec.tags, spec.examples, spec.origin) == (("a",), ("add-round 2",), "built in")
    assert spec.exposures == (Exposure("first", (("sum", "a"),)), Exposure("digits", (("round", "digits"),)))
    assert spec.outputs == SPECS["round"].outputs


def test_a_recipe_input_takes_all_metadata_except_the_position_from_its_first_target() -> None:
    spec = describe()
    first, digits = spec.inputs
    assert (first.name, first.primary, first.position, first.required) == ("first", True, 1, True)
    assert first.description == "first number"
    assert (digits.type, digits.default, digits.short, digits.position) == (FieldType("int"), 2, "d", None)
    assert (digits.ge, digits.le, digits.description, digits.required) == (0, 3, "how many", False)


def test_an_input_that_a_recipe_requires_is_not_optional() -> None:
    spec = describe(pipeline="add 1 | random", inputs={"dice": {"to": ["random.seed"], "required": True}})
    assert spec.inputs[0].type == FieldType("int")
    assert spec.inputs[0].required


WRONG = [
    ({"colour": "red"}, "`colour` is not a key of a recipe; the keys are"),
    ({"summary": None}, "`summary` is missing or not a string"),
    ({"summary": " "}, "`summary` is missing or not a string"),
    ({"pipeline": ["add", "round"]}, "`pipeline` is missing or not a string"),
    ({"title": 3}, "`title` must be a string"),
    ({"tags": "a"}, "`tags` must be a list of strings"),
    ({"examples": [1]}, "`examples` must be a list of strings"),
    ({"version": "1"}, "the version `1` must have the form 1.2.3"),
    ({"type": "Add"}, "the type `Add` must consist of lowercase letters, digits and dashes"),
    ({"pipeline": "add | nowhere"}, "the pipeline uses `nowhere`, which is not a command"),
    ({"pipeline": "add | "}, "the pipeline is invalid: error: no command after this `|`\n  add |\n      ^\n"),
    ({"pipeline": "| add"}, "the pipeline must start with a command"),
    ({"pipeline": "# nothing"}, "the pipeline must start with a command"),
    ({"inputs": ["a"]}, '`inputs` must be a table of tables, such as `prompt = { to = ["prompt.text"] }`'),
    ({"inputs": {"a": {"too": 1}}}, "input `a`: `too` is not a key of an input"),
    ({"inputs": {"a": {"position": "1", "to": ["sum.a"]}}}, "input `a`: `position` cannot be '1'"),
    ({"inputs": {"a": {}}}, 'input `a` needs `to`, a list such as ["denoise.steps"]'),
    ({"inputs": {"a": {"to": []}}}, 'input `a` needs `to`, a list such as ["denoise.steps"]'),
    ({"inputs": {"a": {"to": ["add.a"]}}}, "input `a` goes to `add.a`, but the stages are sum, round"),
    ({"inputs": {"a": {"to": ["sum.z"]}}}, "input `a` goes to `sum.z`, but `sum` has no input `z`"),
    ({"inputs": {"help": {"to": ["sum.a"]}}}, "`help` is reserved and cannot name a field"),
    ({"inputs": {"a": {"to": ["round.value"], "required": False}}}, "input `a` is not required, so it needs a default"),
    ({"optional": ["sum2"]}, "`sum2` is optional, but the stages are sum, round"),
    ({"optional": "sum"}, "`optional` must be a list of strings"),
    (
        {"pipeline": "add 1 | add 2 | round", "inputs": {}, "optional": ["add"]},
        "the optional stages change the names of the others",
    ),
    ({"inputs": {"d": {"to": ["round.digits"], "default": 16}}}, "the default of `d` is outside its range"),
    (
        {"inputs": {"a": {"to": ["sum.a"], "primary": True}, "b": {"to": ["sum.b"], "primary": True}}},
        "there is more than one primary input",
    ),
]


OPTIONAL = {
    "pipeline": "add 1 as sum | mul 2 as more | round",
    "optional": ["more"],
    "inputs": {
        "first": {"to": ["sum.a"], "primary": True, "position": 1},
        "factor": {"to": ["more.b"], "required": False},
    },
}


def test_an_optional_stage_is_left_out_of_the_pipeline_and_its_own_input_needs_no_default() -> None:
    spec = describe(**OPTIONAL)
    assert (spec.pipeline, spec.with_optional) == ("add 1 as sum | round", OPTIONAL["pipeline"])
    assert spec.optional == ("more",)
    factor = spec.input("factor")
    assert factor is not None
    assert (factor.required, factor.default) == (False, None)


@pytest.mark.parametrize(("changes", "rule"), WRONG, ids=[rule[:40] for _, rule in WRONG])
def test_an_invalid_recipe_is_refused_with_the_reason(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        describe(**changes)
    assert refused.value.rule.startswith(rule)
    assert refused.value.subject.startswith("recipe `")


@pytest.mark.parametrize("stage", ["blur 2", "blur 2 as b{}", "add 1 as sum"])
def test_a_recipe_of_many_stages_is_described_in_linear_time(stage: str) -> None:
    def work(times: int) -> None:
        pipeline = " | ".join(stage.format(number) for number in range(times))
        describe_recipe(recipe(pipeline=pipeline, inputs={}), SPECS, "built in")

    assert_linear(work, most=12_800)


BUILT_IN = {
    "t2i": ("prompt", "image"),
    "i2i": ("image", "image"),
    "inpaint": ("image", "image"),
    "outpaint": ("image", "image"),
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_recipes_have_the_expected_primary_inputs_and_outputs(name: str) -> None:
    spec = SPECS[name]
    assert spec.primary_input is not None
    assert spec.primary_output is not None
    assert (spec.primary_input.name, str(spec.primary_output.type)) == BUILT_IN[name]
    prompt = spec.input("prompt")
    assert prompt is not None
    assert prompt.free_text
    assert prompt.required
    assert {"negative", "steps", "guidance", "scheduler", "seed", "model"} <= {field.name for field in spec.inputs}
    assert [field.name for field in spec.inputs if field.seed] == ["seed"]
