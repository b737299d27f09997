"""Recipes: where their stages begin, what their inputs say of themselves, and every way of writing one wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from invocations.catalog.recipes import RecipeStage, describe_recipe, stage_names, stages_of
from invocations.catalog.registry import open_registry
from invocations.catalog.rules import check_spec
from invocations.errors import DeclarationError
from invocations.language.errors import Refusal
from invocations.language.parser import parse
from invocations.language.source import Source
from invocations.spec import Exposure, FieldType, InvocationSpec

SPECS = open_registry().specs()

STAGES = [
    ("add", [("add", "add")]),
    ("add | mul 2", [("add", "add"), ("mul", "mul")]),
    ("add|mul 2", [("add", "add"), ("mul", "mul")]),
    ("add 1 2 as sum | mul 2", [("sum", "add"), ("mul", "mul")]),
    ("add | add | add", [("add", "add"), ("add.2", "add"), ("add.3", "add")]),
    ("add as x | mul as x", [("x", "add"), ("x.2", "mul")]),
    ('format "a | b" | split "|" as parts', [("format", "format"), ("parts", "split")]),
    ("format 'it | is' | join '|'", [("format", "format"), ("join", "join")]),
    (r'format "a \" | b" | join', [("format", "format"), ("join", "join")]),
    ('format a"b | join', [("format", "format"), ("join", "join")]),
    ("split --separator='|' | join", [("split", "split"), ("join", "join")]),
    ('format "x as y"', [("format", "format")]),
    ("add |\n  mul 2  # twice | three times\n", [("add", "add"), ("mul", "mul")]),
    ("# what comes first | is said here\nadd | mul 2", [("add", "add"), ("mul", "mul")]),
    ("pad --color #ff8800 | blur", [("pad", "pad"), ("blur", "blur")]),
    ("add | | mul", [("add", "add"), ("", ""), ("mul", "mul")]),
]


@pytest.mark.parametrize(("pipeline", "expected"), STAGES, ids=[pipeline[:30] for pipeline, _ in STAGES])
def test_stages_are_found_without_a_parser(pipeline: str, expected: list[tuple[str, str]]) -> None:
    assert stages_of(pipeline) == tuple(RecipeStage(*stage) for stage in expected)


PIECES = st.sampled_from(
    [
        "add",
        "blur",
        " ",
        "  ",
        "|",
        " | ",
        "\n",
        "# ",
        "#a",
        "'",
        '"',
        "\\",
        '\\"',
        "--",
        "--a=",
        "-n",
        "=",
        "as ",
        " as x",
        "@x",
        "1",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12).map("".join))
def test_stages_are_those_that_the_language_finds(pipeline: str) -> None:
    try:
        tree = parse(Source(None, pipeline))
    except Refusal:
        return
    assume(tree.stages and not tree.continues)  # an empty line is no recipe, and nothing is before it to go on from
    stages = tree.stages
    assert [stage.command for stage in stages_of(pipeline)] == [stage.command.text for stage in stages]
    names = stage_names([(stage.command.text, stage.name) for stage in stages])
    assert tuple(stage.name for stage in stages_of(pipeline)) == names


def test_a_stage_is_called_by_its_name_or_its_command_and_counted() -> None:
    assert stage_names([("blur", None), ("blur", "soft"), ("blur", None)]) == ("blur", "soft", "blur.2")


def recipe(**changes: Any) -> dict[str, Any]:
    """Return a good recipe with something about it changed; None takes a key away."""
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


def test_a_recipe_becomes_a_spec() -> None:
    spec = describe(title="Add, round", category="numbers", version="1.2.0", tags=["a"], examples=["add-round 2"])
    assert spec.is_recipe
    assert spec.pipeline == "add 1 as sum | round"
    assert (spec.title, spec.category, spec.version) == ("Add, round", "numbers", "1.2.0")
    assert (spec.tags, spec.examples, spec.origin) == (("a",), ("add-round 2",), "built in")
    assert spec.exposures == (Exposure("first", (("sum", "a"),)), Exposure("digits", (("round", "digits"),)))
    assert spec.outputs == SPECS["round"].outputs


def test_an_input_is_what_it_feeds_but_for_its_place_and_what_the_recipe_says() -> None:
    spec = describe()
    first, digits = spec.inputs
    assert (first.name, first.primary, first.position, first.required) == ("first", True, 1, True)
    assert first.description == "first number"
    assert (digits.type, digits.default, digits.short, digits.position) == (FieldType("int"), 2, "d", None)
    assert (digits.ge, digits.le, digits.description, digits.required) == (0, 3, "how many", False)


def test_what_a_recipe_requires_is_no_longer_optional() -> None:
    spec = describe(pipeline="add 1 | random", inputs={"dice": {"to": ["random.seed"], "required": True}})
    assert spec.inputs[0].type == FieldType("int")
    assert spec.inputs[0].required


WRONG = [
    ({"colour": "red"}, "`colour` is not a key of a recipe; known are"),
    ({"summary": None}, "it needs `summary`, a text"),
    ({"summary": " "}, "it needs `summary`, a text"),
    ({"pipeline": ["add", "round"]}, "it needs `pipeline`, a text"),
    ({"title": 3}, "`title` must be a text"),
    ({"tags": "a"}, "`tags` must be a list of texts"),
    ({"examples": [1]}, "`examples` must be a list of texts"),
    ({"version": "1"}, "the version `1` is not of the form 1.2.3"),
    ({"type": "Add"}, "the type `Add` is not a word of small letters, digits and dashes"),
    ({"pipeline": "add | nowhere"}, "its pipeline names `nowhere`, which is no invocation"),
    ({"pipeline": "add | "}, "its pipeline names ``, which is no invocation"),
    ({"inputs": ["a"]}, '`inputs` must be a table of tables, such as `prompt = { to = ["prompt.text"] }`'),
    ({"inputs": {"a": {"too": 1}}}, "input `a`: `too` is not a key of an input"),
    ({"inputs": {"a": {"position": "1", "to": ["sum.a"]}}}, "input `a`: `position` cannot be '1'"),
    ({"inputs": {"a": {}}}, 'input `a` needs `to`, a list such as ["denoise.steps"]'),
    ({"inputs": {"a": {"to": []}}}, 'input `a` needs `to`, a list such as ["denoise.steps"]'),
    ({"inputs": {"a": {"to": ["add.a"]}}}, "input `a` goes to `add.a`, but stages are sum, round"),
    ({"inputs": {"a": {"to": ["sum.z"]}}}, "input `a` goes to `sum.z`, but `sum` has no input `z`"),
    ({"inputs": {"help": {"to": ["sum.a"]}}}, "`help` is a word of the framework and cannot name a field"),
    ({"inputs": {"d": {"to": ["round.digits"], "default": 16}}}, "the default of `d` is outside its range"),
    (
        {"inputs": {"a": {"to": ["sum.a"], "primary": True}, "b": {"to": ["sum.b"], "primary": True}}},
        "it has more than one primary input",
    ),
]


@pytest.mark.parametrize(("changes", "rule"), WRONG, ids=[rule[:40] for _, rule in WRONG])
def test_a_recipe_that_is_wrong_says_how(changes: dict[str, Any], rule: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        describe(**changes)
    assert refused.value.rule.startswith(rule)
    assert refused.value.subject.startswith("recipe `")


BUILT_IN = {
    "t2i": ("prompt", "image"),
    "i2i": ("image", "image"),
    "inpaint": ("image", "image"),
    "outpaint": ("image", "image"),
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_recipes_of_the_program_carry_pictures_along(name: str) -> None:
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
