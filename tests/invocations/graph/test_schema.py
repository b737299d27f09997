"""Components for OpenAPI: a schema for each node, its outputs and references, without paths or large numbers."""

from __future__ import annotations

import json
import re
from collections import Counter

import jsonschema
import pytest

from invocations.catalog.discovery import built_in_specs
from invocations.graph.exact_integers import write_document
from invocations.graph.field_schema import input_schema, widget
from invocations.graph.graph import Graph
from invocations.graph.node import Edge, Node
from invocations.graph.schema import component_names, component_schemas, json_schema
from invocations.spec import FieldSpec, FieldType, InvocationSpec, OutputSpec
from invocations.values import ImageRef, MaskRef

SPECS = {spec.type: spec for spec in built_in_specs()}
COMPONENTS = component_schemas(SPECS.values())
INT = FieldType("int")


def each_schema(found):
    if isinstance(found, dict):
        yield found
        for value in found.values():
            yield from each_schema(value)
    elif isinstance(found, list):
        for value in found:
            yield from each_schema(value)


def inputs_of(component):
    return COMPONENTS[component]["properties"]["inputs"]["properties"]


def plugin(type_, origin="other-nodes"):
    return InvocationSpec(type_, "A", "B", "c", "1.0.0", (), (OutputSpec("value", INT, "d"),), origin=origin)


def test_each_node_has_a_component_for_itself_and_for_its_outputs():
    nodes = [spec for spec in SPECS.values() if not spec.is_recipe]
    counts = Counter(name.removesuffix("Node") != name for name in COMPONENTS)
    assert counts[True] == len(nodes) + 1
    assert len(COMPONENTS) == 2 * len(nodes) + 8
    assert COMPONENTS["CompareNumbersNode"]["properties"]["type"] == {"type": "string", "const": "compare-numbers"}
    assert COMPONENTS["CompareNumbersOutput"]["required"] == ["value"]


def test_the_title_is_the_name_of_the_component_and_the_human_title_is_beside_it():
    assert all(schema["title"] == name for name, schema in COMPONENTS.items())
    assert COMPONENTS["NoiseNode"]["x-title"] == SPECS["noise"].title


def test_a_node_carries_its_category_tags_version_origin_examples_and_role():
    spec = SPECS["iterate"]
    found = {name: value for name, value in COMPONENTS["IterateNode"].items() if name.startswith("x-")}
    assert found.pop("x-linked", []) == [each.name for each in spec.inputs if each.given == "linked"]
    assert found == {
        "x-title": spec.title,
        "x-category": spec.category,
        "x-tags": list(spec.tags),
        "x-version": spec.version,
        "x-origin": "built in",
        "x-examples": list(spec.examples),
        "x-role": "iterate",
    }


def test_any_node_maps_each_type_to_its_component():
    found = COMPONENTS["AnyNode"]
    mapping = found["discriminator"]["mapping"]
    assert mapping["compare-numbers"] == "#/components/schemas/CompareNumbersNode"
    assert [{"$ref": each} for each in mapping.values()] == found["oneOf"]
    assert found["discriminator"]["propertyName"] == "type"


def test_all_references_lead_to_a_component():
    references = {each["$ref"] for each in each_schema(COMPONENTS) if isinstance(each.get("$ref"), str)}
    assert references
    assert {each.rpartition("/")[2] for each in references} <= set(COMPONENTS)


def test_the_inputs_of_a_node_allow_no_other_names():
    nodes = [name for name in COMPONENTS if name.endswith("Node") and name != "AnyNode"]
    assert all(COMPONENTS[name]["properties"]["inputs"]["additionalProperties"] is False for name in nodes)


def test_each_enum_is_a_string_and_no_default_is_null():
    for each in each_schema(COMPONENTS):
        if isinstance(each.get("enum"), list):
            assert each["type"] == "string"
        assert "default" not in each or each["default"] is not None or "properties" in each


def test_a_field_has_its_limits_description_default_and_words():
    factor = SPECS["brightness"].input("factor")
    found = inputs_of("BrightnessNode")["factor"]
    assert {**found, "x-ui": None} == {
        "type": "number",
        "minimum": factor.ge,
        "maximum": factor.le,
        "description": factor.description,
        "x-ui": None,
    }
    steps = inputs_of("DenoiseNode")["steps"]
    assert steps["anyOf"][0] == {"type": "integer", "minimum": 1, "maximum": SPECS["denoise"].input("steps").le}
    assert "default" not in steps
    assert steps["x-ui"]["by_model"] is True
    assert steps["x-ui"]["short"] == SPECS["denoise"].input("steps").short


def test_seeds_are_strings_of_digits():
    assert inputs_of("NoiseNode")["seed"]["anyOf"] == [{"type": "string", "pattern": "^[0-9]+$"}, {"type": "null"}]
    large = [each for each in each_schema(COMPONENTS) if isinstance(each.get("maximum"), (int, float))]
    assert large
    assert all(each["maximum"] <= 2**53 - 1 for each in large)


def test_an_integer_without_a_limit_ends_where_floats_are_exact():
    width = inputs_of("CropNode")["width"]
    assert (width["type"], width["minimum"], width["maximum"]) == ("integer", 1, 2**53 - 1)


def test_a_large_result_may_be_a_string():
    assert COMPONENTS["LengthOutput"]["properties"]["value"]["anyOf"] == [
        {"type": "integer"},
        {"type": "string", "pattern": "^-?[0-9]+$"},
    ]
    assert COMPONENTS["RangeOutput"]["properties"]["collection"]["items"]["anyOf"][1]["type"] == "string"


def test_references_name_content_and_no_file():
    assert set(COMPONENTS["ImageRef"]["properties"]) == {"kind", "name", "width", "height"}
    assert set(COMPONENTS["ModelRef"]["properties"]) == {"kind", "name", "model"}
    assert COMPONENTS["MaskRef"]["properties"]["kind"] == {"type": "string", "const": "mask"}


def test_an_input_for_images_takes_masks_too():
    found = inputs_of("BlurNode")["image"]["anyOf"]
    assert found == [{"$ref": "#/components/schemas/ImageRef"}, {"$ref": "#/components/schemas/MaskRef"}]


def test_the_folder_of_a_users_file_is_left_out():
    found = component_schemas([plugin("mine", "/home/somebody/nodes/mine.py"), plugin("dos", "C:\\nodes\\dos.py")])
    assert found["MineNode"]["x-origin"] == "mine.py"
    assert found["DosNode"]["x-origin"] == "dos.py"


def test_names_that_would_be_equal_get_numbers_and_built_in_nodes_keep_theirs():
    names = component_names([plugin("a12"), plugin("a1-2", "built in"), plugin("a-12"), plugin("any")])
    assert names == {"a1-2": "A12", "a-12": "A12_2", "a12": "A12_3", "any": "Any_2"}


WIDGETS = [
    (FieldSpec("seed", INT, "d", seed=True, ge=0, le=9), "seed"),
    (FieldSpec("a", INT, "d", ge=0, le=9), "slider"),
    (FieldSpec("a", FieldType("float"), "d", ge=0), "number"),
    (FieldSpec("a", FieldType("str"), "d", free_text=True), "text area"),
    (FieldSpec("a", FieldType("str"), "d"), "text"),
    (FieldSpec("a", FieldType("bool"), "d"), "switch"),
    (FieldSpec("a", FieldType("enum", choices=("x", "y")), "d"), "choice"),
    (FieldSpec("a", FieldType("color"), "d"), "color"),
    (FieldSpec("a", FieldType("ref", kind="model"), "d"), "model"),
    (FieldSpec("a", FieldType("str"), "d", completes="scheduler"), "scheduler"),
    (FieldSpec("a", FieldType("union", (FieldType("ref", kind="image"), FieldType("none"))), "d"), "image"),
    (FieldSpec("a", FieldType("ref", kind="mask"), "d"), "mask"),
    (FieldSpec("a", FieldType("ref", kind="latents"), "d"), "link"),
    (FieldSpec("a", FieldType("list", (INT,)), "d"), "list"),
    (FieldSpec("a", FieldType("union", (INT, FieldType("str"))), "d"), "text"),
    (FieldSpec("a", FieldType("any"), "d"), "json"),
    (FieldSpec("a", FieldType("json"), "d"), "json"),
]


@pytest.mark.parametrize(("field", "expected"), WIDGETS, ids=[f"{i}-{each[1]}" for i, each in enumerate(WIDGETS)])
def test_the_control_follows_from_the_metadata(field, expected):
    assert widget(field) == expected


def test_what_is_usual_is_left_out_of_the_notes_for_forms():
    field = FieldSpec("steps", INT, "d", required=False, default=3, short="s", unit="px", common=False, given="written")
    assert input_schema(field, lambda kind: {})["x-ui"] == {
        "widget": "number",
        "linkable": False,
        "common": False,
        "short": "s",
        "unit": "px",
    }


def test_the_schema_accepts_a_graph_and_refuses_unknown_inputs():
    graph = Graph(SPECS)
    graph.extend(
        [
            Node("n", "noise", {"seed": 2**64 - 1, "width": 64, "height": 64}),
            Node("w", "mul", {"a": 2.5, "b": 3}),
            Node("i", "blur", {"image": ImageRef("0" * 64, 8, 8)}),
            Node("b", "blur", {"image": MaskRef("1" * 64, 8, 8)}),
            Node("a", "add", {"b": 2**60}),
        ],
        [Edge("w", "value", "a", "a")],
    )
    document = write_document(graph.to_json(), SPECS)
    check = jsonschema.Draft202012Validator(json_schema(SPECS.values()))
    check.validate(json.loads(json.dumps(document)))
    assert document["nodes"]["n"]["inputs"]["seed"] == "18446744073709551615"
    document["nodes"]["n"]["inputs"]["colour"] = 1
    assert not check.is_valid(document)


def test_the_defaults_and_the_document_itself_are_valid():
    jsonschema.Draft202012Validator.check_schema(json_schema(SPECS.values()))
    plain = [
        field
        for name in COMPONENTS
        if name.endswith("Node") and name != "AnyNode"
        for field in inputs_of(name).values()
        if "default" in field and "$ref" not in json.dumps(field)
    ]
    assert len(plain) > 50
    for field in plain:
        jsonschema.validate(field["default"], field)


def test_the_components_are_small_and_name_no_folder():
    text = json.dumps(COMPONENTS)
    assert len(text) < 150_000
    assert not re.search(r"/(home|work|tmp)/", text)
