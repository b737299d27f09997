"""Options of a recipe's stages, such as `--denoise.eta`: what they set, and how mistakes in them are reported."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invocations.catalog.recipes import describe_recipe
from invocations.catalog.registry import open_registry
from invocations.language.errors import Refusal
from invocations.language.source import Source
from invocations.spec import InvocationSpec
from workflows.manual.command import command_page
from workflows.manual.page import Rows
from workflows.planning.inner_options import inner_inputs
from workflows.planning.plan_line import Plan, plan_line

BUILT_IN = open_registry().specs()


def recipe(name: str, pipeline: str, **inputs: Any) -> InvocationSpec:
    """Describe a recipe that may use the built-in commands and `BLURRED`."""
    data = {"type": name, "summary": "A test.", "pipeline": pipeline, "inputs": inputs}
    return describe_recipe(data, {**BUILT_IN, **({"blurred": BLURRED} if name != "blurred" else {})}, "built in")


BLURRED = recipe("blurred", "t2i | blur 3 | blur", prompt={"to": ["t2i.prompt"], "position": 1, "free_text": True})
OUTER = recipe("outer", "blurred a fox | save 'fox.png' | mask-threshold as white")
CATALOG = {**BUILT_IN, "blurred": BLURRED, "outer": OUTER}


def planned(line: str) -> Plan:
    """Return the plan of a line."""
    return plan_line(Source(None, line), catalog=CATALOG)


def written(line: str) -> dict[str, Any]:
    """Return the values that are written in a line, by node and input."""
    return {f"{each.node}.{each.input}": each.value for each in planned(line).values if each.span is not None}


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("t2i a fox --denoise.eta 0.5", "1.denoise.eta", 0.5),
        ("t2i a fox --denoise.eta=0.5", "1.denoise.eta", 0.5),
        ("blurred a fox --t2i.steps 30", "1.t2i.denoise.steps", 30),
        ("blurred a fox --t2i.clip-skip 1", "1.t2i.prompt.clip_skip", 1),
        ("blurred a fox --t2i.tiled", "1.t2i.decode.tiled", True),
        ("blurred a fox --no-t2i.tiled", "1.t2i.decode.tiled", False),
        ("blurred a fox --blur.radius 5", "1.blur.radius", 5.0),
        ("blurred a fox --blur.2.radius 5", "1.blur.2.radius", 5.0),
        ("outer --blurred.t2i.denoise.eta 0.5", "1.blurred.t2i.denoise.eta", 0.5),
        ("outer --blurred.blur.2.radius 5", "1.blurred.blur.2.radius", 5.0),
        ("outer --save.quality 80", "1.save.quality", 80),
        ("outer --white.level 0.25", "1.mask-threshold.level", 0.25),
    ],
)
def test_an_option_sets_the_input_of_a_stage(line: str, name: str, value: Any) -> None:
    assert written(line)[name] == value


def test_an_option_overrides_the_value_in_the_pipeline_and_no_other_stage() -> None:
    values = {f"{each.node}.{each.input}": each.value for each in planned("blurred a fox --blur.radius 5").values}
    assert (values["1.blur.radius"], values["1.blur.2.radius"]) == (5.0, 2.0)


def test_options_that_are_left_out_change_neither_nodes_nor_links() -> None:
    without, other = planned("blurred a fox --t2i.seed 1"), planned("blurred a fox --t2i.seed 2")
    assert [(each.edge, each.reason) for each in without.links] == [(each.edge, each.reason) for each in other.links]
    nodes = [node if node.id != "1.t2i.noise" else replace(node, inputs={"seed": 1}) for node in other.nodes]
    assert list(without.nodes) == nodes


def test_an_image_and_a_model_can_be_given_to_a_stage() -> None:
    plan = planned("outpaint cat.png a fox --inpaint.mask white.png --all 8")
    assert {value.value for value in plan.values if value.input == "source"} == {"cat.png", "white.png"}
    plan = planned("blurred a fox --t2i.model mine")
    assert [value.value for value in plan.values if value.input == "name"] == ["mine"]


def test_every_input_that_the_recipe_does_not_set_has_an_option() -> None:
    names = [field.name for field in inner_inputs(BUILT_IN["t2i"], BUILT_IN)]
    assert names == [
        f"denoise.{name}" for name in ("mask", "strength", "eta", "image_guidance", "guidance_rescale", "start", "end")
    ]
    assert not {"t2i.prompt", "blur.image"} & {field.name for field in inner_inputs(BLURRED, CATALOG)}


ERRORS = [
    (
        "blurred a fox --t2i.clip-skipp 3",
        (
            "error: `blurred` has no input `t2i.clip-skipp`\n"
            "  blurred a fox --t2i.clip-skipp 3\n"
            "                ^^^^^^^^^^^^^^^^\n"
            "  did you mean `--t2i.clip-skip`? (int, 0 to 11)"
        ),
    ),
    (
        "blurred a fox --t2i.steps 0",
        ("error: `t2i.steps` must be 1 to 1000, not 0\n  blurred a fox --t2i.steps 0\n                            ^"),
    ),
    (
        "blurred a fox --t2i.prompt x",
        (
            "error: `blurred` has no input `t2i.prompt`\n"
            "  blurred a fox --t2i.prompt x\n"
            "                ^^^^^^^^^^^^\n"
            "  did you mean `--prompt`? (string, required)"
        ),
    ),
    (
        "blur cat.png --t2i.steps 3",
        (
            "error: `blur` has no input `t2i.steps`\n"
            "  blur cat.png --t2i.steps 3\n"
            "               ^^^^^^^^^^^\n"
            "  its inputs are --image, --radius"
        ),
    ),
]


@pytest.mark.parametrize(("line", "text"), ERRORS, ids=[line for line, _ in ERRORS])
def test_a_mistake_in_an_option_of_a_stage_is_reported(line: str, text: str) -> None:
    with pytest.raises(Refusal) as caught:
        planned(line)
    assert str(caught.value) == text


def test_the_whole_help_page_lists_the_options_of_the_stages_under_more_options() -> None:
    page = command_page(BLURRED, CATALOG)
    (rows,) = [block for block in page if isinstance(block, Rows) and block.title == "More options"]
    assert ("--t2i.steps INT", "number of denoising steps (1 to 1000)") in rows.rows
    assert ("--blur.2.radius FLOAT", "blur radius: the standard deviation of the Gaussian (0 to 500 px)") in rows.rows
