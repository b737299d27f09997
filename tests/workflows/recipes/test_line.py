"""Lines that are read as recipes: the pipeline that is stored, the inputs, and every error with its place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from invocations.catalog.recipes import describe_recipe
from invocations.catalog.registry import open_registry
from invocations.catalog.rules import check_spec
from invocations.language.errors import Refusal
from invocations.language.source import Source
from invocations.spec import FieldType, InvocationSpec
from workflows.planning.plan_line import plan_line
from workflows.recipes.line import RecipeLine, read_recipe_line
from workflows.recipes.shown import line_of

BUILT_IN = open_registry().specs()
TEXT = {"position": 1, "free_text": True}
PROMPT = {"to": ["t2i.prompt"], "primary": True, **TEXT}
IMAGE = {"to": ["upscale.image"], "primary": True}


def read(line: str) -> RecipeLine:
    """Read a line as the recipe `own`."""
    return read_recipe_line(line, "own", BUILT_IN, ("history",), is_file=lambda path: path == "cat")


def spec_of(line: str, name: str = "own") -> InvocationSpec:
    """Return the metadata of the recipe that a line becomes."""
    found = read(line)
    data = {"type": name, "summary": "A test.", "pipeline": found.pipeline, "inputs": dict(found.inputs)}
    spec = describe_recipe(data, BUILT_IN, "own.toml")
    check_spec(spec, "own")
    return spec


RECIPES: list[tuple[str, str, dict[str, Any]]] = [
    ("t2i ${prompt}", "t2i ${prompt}", {"prompt": PROMPT}),
    ("t2i --tiled ${prompt}", "t2i ${prompt} --tiled", {"prompt": PROMPT}),
    ("t2i a fox --seed ${seed=7}", "t2i a fox --seed ${seed}", {"seed": {"to": ["t2i.seed"], "default": 7}}),
    ("t2i a fox --seed=${seed}", "t2i a fox --seed ${seed}", {"seed": {"to": ["t2i.seed"]}}),
    ("t2i a fox -s ${steps=9}", "t2i a fox --steps ${steps}", {"steps": {"to": ["t2i.steps"], "default": 9}}),
    ("t2i a fox --tiled=${t=yes}", "t2i a fox --tiled=${t}", {"t": {"to": ["t2i.tiled"], "default": True}}),
    ("t2i a fox --no-tiled -s ${n}", "t2i a fox --no-tiled --steps ${n}", {"n": {"to": ["t2i.steps"]}}),
    ("t2i a fox -m ${m=mine}", "t2i a fox --model ${m}", {"m": {"to": ["t2i.model"], "default": "mine"}}),
    (
        't2i a fox -n "${no=blurry, ugly}"',
        "t2i a fox --negative ${no}",
        {"no": {"to": ["t2i.negative"], "default": "blurry, ugly"}},
    ),
    (
        "t2i a ${what=red fox} in ${where}",
        't2i "a ${what} in ${where}"',
        {"what": {"part_of": "t2i.prompt", "default": "red fox"}, "where": {"part_of": "t2i.prompt", **TEXT}},
    ),
    (
        't2i ${prompt} | save "${name=fox}-{seed}.png"',
        't2i ${prompt} | save "${name}-{seed}.png"',
        {"prompt": PROMPT, "name": {"part_of": "save.target", "default": "fox"}},
    ),
    ('t2i ${prompt} | save "${prompt}.png"', 't2i ${prompt} | save "${prompt}.png"', {"prompt": PROMPT}),
    (
        't2i a fox --seed ${seed} | save "${seed}.png"',
        't2i a fox --seed ${seed} | save "${seed}.png"',
        {"seed": {"to": ["t2i.seed"], "required": True}},
    ),
    (
        "upscale ${by=3}",
        "upscale ${by}",
        {"image": IMAGE, "by": {"to": ["upscale.scale"], "default": 3.0, "position": 1}},
    ),
    ("| upscale 3", "upscale 3", {"image": IMAGE}),
    ("upscale cat 3 | blur ${r}", "upscale cat 3 | blur ${r}", {"r": {"to": ["blur.radius"], "position": 1}}),
    ("upscale x.png ${by}", "upscale x.png ${by}", {"by": {"to": ["upscale.scale"], "position": 1}}),
    (
        "i2i ${image} ${prompt} --strength ${how-much=0.5}",
        "i2i ${image} ${prompt} --strength ${how_much}",
        {
            "image": {"to": ["i2i.image"], "primary": True, "position": 1},
            "prompt": {"to": ["i2i.prompt"], "position": 2, "free_text": True},
            "how_much": {"to": ["i2i.strength"], "default": 0.5},
        },
    ),
    (
        "i2i ${image=cat.png} a ship",
        'i2i ${image} --prompt "a ship"',
        {"image": {"to": ["i2i.image"], "default": "cat.png", "primary": True, "position": 1}},
    ),
    (
        "add ${a} ${b=2} | mul ${b}",
        "add ${a} ${b} | mul ${b}",
        {
            "a": {"to": ["add.a"], "primary": True, "position": 1},
            "b": {"to": ["add.b", "mul.b"], "default": 2, "position": 2},
        },
    ),
    ("| mul ${by}", "mul ${by}", {"a": {"to": ["mul.a"], "primary": True}, "by": {"to": ["mul.b"], "position": 1}}),
    (
        "t2i ${prompt} as house | blur 2 | blur ${r=3} | blend @house",
        "t2i --as house ${prompt} | blur 2 | blur ${r} | blend @house",
        {
            "prompt": {**PROMPT, "to": ["house.prompt"]},
            "r": {"to": ["blur.2.radius"], "default": 3.0},
        },
    ),
    (
        "dynamic 'a __thing__' --count ${n} --wildcards words | join",
        "dynamic 'a __thing__' --count ${n} --wildcards words | join",
        {"n": {"to": ["dynamic.count"]}},
    ),
    ("t2i ${p} --vary red=blue | grid", "t2i ${p} --vary red=blue | grid", {"p": PROMPT}),
    (
        "t2i ${p} --seed 1,2 --steps 3,4 --zip seed,steps --no-cache | grid",
        "t2i ${p} --seed 1,2 --steps 3,4 --zip seed,steps --no-cache | grid",
        {"p": PROMPT},
    ),
    (
        "t2i '{a|b}' --dynamic=1 --seed ${seed=1} | grid",
        "t2i '{a|b}' --seed ${seed} --dynamic=1 | grid",
        {"seed": {"to": ["t2i.seed"], "default": 1}},
    ),
    ("t2i 'costs ${x}'", "t2i 'costs ${x}'", {}),
    ('t2i "costs \\${x} ${y}"', 't2i "costs \\${x} ${y}"', {"y": {"part_of": "t2i.prompt", **TEXT}}),
]


@pytest.mark.parametrize(("line", "pipeline", "inputs"), RECIPES, ids=[line for line, _, _ in RECIPES])
def test_a_line_becomes_a_pipeline_with_inputs(line: str, pipeline: str, inputs: dict[str, Any]) -> None:
    found = read(line)
    assert (found.pipeline, dict(found.inputs)) == (pipeline, inputs)


@pytest.mark.parametrize("line", [line for line, _, _ in RECIPES])
def test_saving_the_line_of_a_recipe_yields_the_same_recipe(line: str) -> None:
    spec = spec_of(line)
    again = spec_of(line_of(spec))
    assert replace(again, inputs=()) == replace(spec, inputs=())
    assert sorted(again.inputs, key=lambda each: each.name) == sorted(spec.inputs, key=lambda each: each.name)


def test_an_input_takes_over_the_metadata_of_the_input_that_it_sets() -> None:
    spec = spec_of("t2i ${prompt} --steps ${steps} --seed ${seed} | blur ${radius=2.5}")
    inner = {each.name: each for name in ("t2i", "blur") for each in BUILT_IN[name].inputs}
    for each in spec.inputs:
        original = inner[each.name]
        same = replace(each, position=original.position, short=original.short, default=original.default)
        assert same == replace(original, primary=each.primary)


def test_an_input_that_is_inserted_into_text_is_a_required_string() -> None:
    (subject,) = spec_of("t2i a photo of ${subject}").inputs
    assert (subject.type, subject.given, subject.required) == (FieldType("str"), "either", True)
    assert subject.description == "inserted into `prompt` of `t2i`"


def test_an_input_of_several_stages_accepts_what_all_of_them_accept() -> None:
    (_, radius) = spec_of("blur ${r} | upscale ${r}").inputs
    assert (radius.ge, radius.le) == (1, 8)


PLANS = [
    ("t2i a ${what=red fox} in ${where}", "own snow", {"prompt.text": "a red fox in snow"}),
    ("t2i a ${what=red fox} in ${where}", "own snow --what 'blue  fox'", {"prompt.text": "a blue  fox in snow"}),
    ("t2i ${prompt} --seed ${seed=7}", "own a fox", {"prompt.text": "a fox", "noise.seed": 7}),
    ("t2i ${prompt} --seed ${seed=7}", "own a fox --seed 8", {"prompt.text": "a fox", "noise.seed": 8}),
    ("t2i ${prompt} --seed ${seed}", "own a fox", {"prompt.text": "a fox", "noise.seed": None}),
    ('t2i ${p} | save "${p}.png"', "own a fox", {"prompt.text": "a fox", "save.target": "a fox.png"}),
    ('t2i a --seed ${s=3} | save "${s}.png"', "own", {"noise.seed": 3, "save.target": "3.png"}),
    ('t2i a --model ${m=default} | save "${m}.png"', "own --m x", {"model.name": "x", "save.target": "x.png"}),
    ("t2i a fox --tiled=${t=yes}", "own", {"decode.tiled": True}),
    ("t2i a fox --tiled=${t=yes}", "own --no-t", {"decode.tiled": False}),
    ('t2i "costs \\${x} ${y}"', "own '${x}'", {"prompt.text": "costs ${x} ${x}"}),
    ("upscale ${by=3} | blur 2", "own cat.png", {"load.source": "cat.png", "upscale.scale": 3.0, "blur.radius": 2.0}),
    ("upscale ${by=3} | blur 2", "own cat.png 4", {"load.source": "cat.png", "upscale.scale": 4.0}),
    ("i2i ${image} ${p} --strength ${s=0.5}", "own cat.png a fox", {"prompt.text": "a fox", "denoise.strength": 0.5}),
    ("i2i ${image=cat.png} a ship", "own", {"load.source": "cat.png", "prompt.text": "a ship"}),
    ("i2i ${image=cat.png} a ship", "own dog.png", {"load.source": "dog.png", "prompt.text": "a ship"}),
    ("add ${a} ${b=2} | mul ${b}", "own 1 5", {"add.a": 1, "add.b": 5, "mul.b": 5}),
    ("| mul ${by}", "add 1 2 | own 4", {"mul.b": 4}),
    ("t2i ${p} --seed ${s} | blur", "own a fox --s 3,4", {"prompt.text": "a fox", "list.values": [3, 4]}),
    ("t2i ${p} --seed 1,2 | grid", "own a fox", {"prompt.text": "a fox", "list.values": [1, 2]}),
]


def test_several_values_of_an_input_are_inserted_one_by_one() -> None:
    catalog = {**BUILT_IN, "own": spec_of("t2i a ${what} in ${where=snow}")}
    plan = plan_line(Source(None, "own fox --where sun --where rain"), catalog=catalog)
    found = {(each.node, each.input): each.value for each in plan.values}
    assert found["1.list", "values"] == ["sun", "rain"]
    assert found["1.replace", "text"] == "a fox in ${where}"
    assert found["1.replace", "old"] == "${where}"
    assert {"1.iterate.item -> 1.replace.new", "1.replace.text -> 1.t2i.prompt.text"} <= {
        f"{each.source}.{each.output} -> {each.target}.{each.input}" for each in plan.edges
    }


def test_numbers_are_formatted_before_they_are_inserted() -> None:
    catalog = {**BUILT_IN, "own": spec_of('t2i a fox --seed ${n} | save "${n}.png"')}
    plan = plan_line(Source(None, "own --n 1,2"), catalog=catalog)
    assert {
        "1.iterate.item -> 1.format.a",
        "1.format.text -> 1.replace.new",
        "1.replace.text -> 1.save.target",
    } <= {f"{each.source}.{each.output} -> {each.target}.{each.input}" for each in plan.edges}


def test_an_image_cannot_be_inserted_into_a_string() -> None:
    catalog = {**BUILT_IN, "own": spec_of('i2i ${image} "a ${image}"')}
    with pytest.raises(Refusal) as caught:
        plan_line(Source(None, "t2i a fox | own --image @-1"), catalog=catalog)
    (error,) = caught.value.errors
    assert error.message == "`image` is inserted into `prompt`, so it takes a string or a number, not an image"


@pytest.mark.parametrize(("line", "use", "values"), PLANS)
def test_the_values_of_inputs_reach_the_places_of_their_variables(line: str, use: str, values: dict[str, Any]) -> None:
    plan = plan_line(Source(None, use), catalog={**BUILT_IN, "own": spec_of(line)})
    types = {node.id: node.type for node in plan.nodes}
    found = {f"{types[each.node]}.{each.input}": each.value for each in plan.values}
    assert {name: found[name] for name in values} == values


def error(line: str) -> str:
    with pytest.raises(Refusal) as caught:
        read(line)
    return str(caught.value)


ERRORS = [
    ("t2i ${x} --stepz 3", "`t2i` has no input `stepz`", "--stepz"),
    ("t2i ${x} --stepz ${y}", "`t2i` has no input `stepz`", "--stepz"),
    ("t2i ${x} --steps ${n=many}", "`steps` takes a whole number, not `many`", "${n=many}"),
    ("t2i ${x} --steps ${n=0}", "`steps` must be 1 to 1000, not 0", "${n=0}"),
    ("t2i ${x} --steps 1${n}", "`${n}` must be the whole value of `steps`, not a part of it", "${n}"),
    ("t2i ${x=a} | i2i ${x=b}", "`x` has two defaults, `a` and `b`", "${x=b}"),
    ("t2i ${x} | blur ${x}", "`x` is a string in `prompt`, but `radius` takes a float", "${x}"),
    ("t2i ${X}", "`X` cannot be the name of an input", "${X}"),
    ("t2i ${help}", "`help` cannot be the name of an input", "${help}"),
    ("upscale | blur ${image}", "`image` is the input that receives what is piped in", "${image}"),
    ("t2i ${x} | own", "a recipe cannot use itself: own -> own", "own"),
    ("t2i ${x} | history", "`history` is a shell directive and cannot be part of a pipeline", "history"),
    ("t2i ${x} | nowhere ${y}", "there is no command `nowhere`", "nowhere"),
    ("t2i ${x} | blend @old", "there is no earlier stage `@old`", "@old"),
    ("t2i ${x} | inpaint a fox", "`inpaint` needs `mask` (mask of the same size as the image; white areas are redrawn)",
     "inpaint"),
    ("t2i ${x} --link ${n} image image", "there is no earlier stage `@${n}`", "${n}"),
    ("sweep seed=1,2 | t2i ${x}", "`sweep` cannot be part of a recipe", "sweep"),
    ("t2i ${x} |", "no command after this `|`", "|"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "message", "place"), ERRORS, ids=[line for line, _, _ in ERRORS])
def test_an_error_points_at_its_place_in_the_line(line: str, message: str, place: str) -> None:
    head, typed, carets, *_ = error(line).split("\n")
    assert (head, typed) == (f"error: {message}", f"  {line}")
    assert line[carets.index("^") - 2 :].startswith(place)
    assert carets.count("^") >= len(place)


def test_a_wrong_default_causes_no_further_errors() -> None:
    with pytest.raises(Refusal) as caught:
        read("t2i ${x} --seed ${seed=1..3} | grid")
    assert [each.message for each in caught.value.errors] == ["`seed` takes a whole number, not `1..3`"]


def test_a_recipe_that_uses_itself_through_another_is_refused() -> None:
    catalog = {**BUILT_IN, "own": spec_of("t2i ${x}"), "other": replace(spec_of("t2i ${x}", "other"), pipeline="own a")}
    with pytest.raises(Refusal) as caught:
        read_recipe_line("other ${x}", "own", catalog)
    assert caught.value.errors[0].message == "a recipe cannot use itself: own -> other -> own"


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("--seed ${s=1..4}", "1..4"),
        ("--seed ${s=2x}", "2x"),
        ("--steps ${s=2,4}", "2,4"),
        ("--tiled=${s=yes,no}", "yes,no"),
    ],
)
def test_several_values_as_a_default_are_hinted_at_the_line_that_uses_the_recipe(written: str, default: str) -> None:
    later = f"write ${{s}}, and --s {default} where the recipe is used"
    hint = f"a default is one value; for the same values each time, write {default}; otherwise, {later}"
    assert error("t2i ${x} " + written).endswith(f"\n  {hint}")


def test_the_hint_for_several_values_as_a_default_works() -> None:
    catalog = {**BUILT_IN, "own": spec_of("t2i ${x} --seed ${s} | collect | grid")}
    plan = plan_line(Source(None, "own a fox --s 1..4"), catalog=catalog)
    assert [each.value for each in plan.values if each.input == "values"] == [[1, 2, 3, 4]]


def test_a_wrong_default_that_is_not_several_values_has_no_such_hint() -> None:
    assert "where the recipe is used" not in error("t2i ${x} --seed ${s=1..x}")
