"""Behaviors 1 to 24: a graph accepts valid additions as a whole, and refuses invalid ones with a specific error."""

from __future__ import annotations

import json

import pytest

from invocations import errors
from invocations.graph.document import read_graph
from invocations.graph.graph import Edge, Graph, Node
from invocations.graph.schema import json_schema
from invocations.values import ImageRef, MaskRef


def refused(graph, error, nodes=(), edges=()):
    """Check that an addition is refused and that the graph is unchanged."""
    before = graph.to_json()
    with pytest.raises(error) as caught:
        graph.extend(nodes, edges)
    assert isinstance(caught.value, errors.GraphError)
    assert graph.to_json() == before
    return caught.value


def test_001_fields_of_the_same_type_can_be_linked(graph, n, e):
    graph.extend([n("a number", value=1), n("b add")], [e("a.value > b.a")])
    assert list(graph.edges) == [Edge("a", "value", "b", "a")]


def test_002_fields_of_different_types_cannot_be_linked(graph, n, e):
    error = refused(graph, errors.TypeMismatch, [n("a word", text="x"), n("b add")], [e("a.text > b.a")])
    assert (error.node, error.field, error.code) == ("b", "a", "type_mismatch")
    assert str(error) == "`a.text` is of type string, but `b.a` takes values of type int"


@pytest.mark.parametrize(
    ("edge", "node", "field", "message", "hint"),
    [
        ("a.valeu > b.a", "a", "valeu", "`number` has no output `valeu`", "did you mean `value`?"),
        ("a.value > b.c", "b", "c", "`add` has no input `c`", "its inputs are `a`, `b`"),
    ],
)
def test_003_unknown_fields_are_refused(graph, n, e, edge, node, field, message, hint):
    error = refused(graph, errors.UnknownField, [n("a number", value=1), n("b add")], [e(edge)])
    assert (error.node, error.field, error.message, error.hint) == (node, field, message, hint)


def test_004_a_node_is_added(graph, n):
    graph.add_node(n("a number", value=1))
    assert dict(graph.nodes) == {"a": Node("a", "number", {"value": 1})}


def test_005_a_duplicate_id_is_refused(graph, n):
    graph.add_node(n("a number", value=1))
    assert refused(graph, errors.DuplicateNode, [n("b number", value=1), n("a word", text="")]).node == "a"
    assert refused(graph, errors.DuplicateNode, [n("c number", value=1), n("c word", text="")]).node == "c"


def test_006_an_unknown_invocation_is_refused(graph, n):
    error = refused(graph, errors.UnknownType, [n("a nonsense")])
    assert (error.node, error.message) == ("a", "there is no invocation `nonsense`")


def test_007_a_value_for_an_unknown_input_is_refused(graph, n):
    error = refused(graph, errors.UnknownField, [n("a number", valu=1)])
    assert (error.node, error.field, error.hint) == ("a", "valu", "did you mean `value`?")


def test_008_a_node_in_a_graph_cannot_be_changed(graph, n):
    inputs = {"value": 1}
    graph.add_node(Node("a", "number", inputs))
    inputs["value"] = 2
    assert graph.nodes["a"].inputs["value"] == 1
    with pytest.raises(TypeError):
        graph.nodes["a"].inputs["value"] = 2
    with pytest.raises(TypeError):
        graph.nodes["b"] = n("b number", value=1)


def test_009_an_extension_is_added_completely_or_not_at_all(graph, n, e):
    graph.extend([n("a number", value=1), n("b add")], [e("a.value > b.a")])
    before = graph.copy()
    refused(graph, errors.TypeMismatch, [n("c half"), n("d add")], [e("b.value > c.a"), e("c.value > d.a")])
    refused(graph, errors.InputTaken, [n("c number", value=1)], [e("c.value > b.a")])
    assert graph == before
    graph.extend([n("c half")], [e("b.value > c.a")])
    assert [edge.target for edge in graph.outgoing("b")] == ["c"]


def test_010_an_edge_is_added(graph, n, e):
    graph.add_node(n("b add"))
    graph.add_node(n("a number", value=1))
    graph.add_edge(e("a.value > b.a"))
    assert graph.incoming("b") == graph.outgoing("a") == [Edge("a", "value", "b", "a")]
    assert graph.order() == ["a", "b"]


def test_011_a_cycle_of_two_is_refused(graph, n, e):
    nodes = [n("a add"), n("b add")]
    error = refused(graph, errors.Cycle, nodes, [e("a.value > b.a"), e("b.value > a.a")])
    assert (error.node, str(error)) == ("a", "the edges form a cycle: a -> b -> a")
    graph.extend(nodes, [e("a.value > b.a")])
    assert "a -> b -> a" in str(refused(graph, errors.Cycle, (), [e("b.value > a.a")]))


@pytest.mark.parametrize("length", [1, 3, 10, 2000])
def test_012_a_cycle_of_any_length_is_refused(graph, n, e, length):
    nodes = [n(f"n{number} add") for number in range(length)]
    edges = [e(f"n{number}.value > n{(number + 1) % length}.a") for number in range(length)]
    refused(graph, errors.Cycle, nodes, edges)
    graph.extend(nodes, edges[:-1])
    refused(graph, errors.Cycle, (), edges[-1:])


@pytest.mark.parametrize(("edge", "missing"), [("a.value > x.a", "x"), ("x.value > b.a", "x")])
def test_013_an_edge_to_a_missing_node_is_refused(graph, n, e, edge, missing):
    assert refused(graph, errors.MissingNode, [n("a number", value=1), n("b add")], [e(edge)]).node == missing


def test_014_an_input_takes_only_one_edge(graph, n, e):
    nodes = [n("a number", value=1), n("b number", value=2), n("c add")]
    error = refused(graph, errors.InputTaken, nodes, [e("a.value > c.a"), e("b.value > c.a")])
    assert (error.node, error.field) == ("c", "a")
    graph.extend(nodes, [e("a.value > c.a")])
    refused(graph, errors.InputTaken, (), [e("b.value > c.a")])


def test_015_an_input_can_be_written_or_linked_only_as_its_declaration_allows(graph, n, e):
    nodes = [n("a number", value=1), n("b add", a=2)]
    assert str(refused(graph, errors.InputTaken, nodes, [e("a.value > b.a")])) == "`a` of `b` is already written"
    assert refused(graph, errors.NotLinkable, [n("p paint", model="x")]).field == "model"


def document(nodes, edges=()):
    return {
        "nodes": {key: {"id": id_, "type": kind, "inputs": inputs} for key, id_, kind, inputs in nodes},
        "edges": [dict(zip(("source", "output", "target", "input"), edge, strict=True)) for edge in edges],
    }


GOOD = ("a", "a", "add", {"b": 1})
LOOP = ("a", "value", "a", "a")

# Each document breaks two rules; the error names the rule that is checked first.
ORDER = [
    (document([("a", "a", "add", {}), ("b", "a", "add", {})]), errors.DuplicateNode),
    (document([("a", "x", "add", {})], [("y", "value", "x", "a")]), errors.KeyMismatch),
    (document([("a", "a", "add", {"wrong": 1})], [("y", "value", "a", "a")]), errors.MissingNode),
    (document([("a", "a", "add", {"wrong": 1})], [LOOP]), errors.UnknownField),
    (document([GOOD, ("w", "w", "word", {"text": ""})], [LOOP, ("w", "text", "a", "a")]), errors.InputTaken),
    (document([GOOD, ("w", "w", "word", {"text": ""}), ("c", "c", "add", {})],
              [LOOP, ("w", "text", "c", "a")]), errors.Cycle),
    (document([GOOD, ("w", "w", "word", {"text": ""}), ("i", "i", "iterate", {})],
              [("w", "text", "a", "a")]), errors.TypeMismatch),
    (document([GOOD, ("i", "i", "iterate", {})]), errors.IterateWithoutInput),
    (document([GOOD, ("c", "c", "collect", {})]), errors.CollectWithoutInput),
]  # fmt: skip


def test_016_duplicate_ids_in_a_graph_are_reported_before_all_other_errors(specs):
    for data, error in ORDER[:1]:
        with pytest.raises(error):
            read_graph(data, specs)
    text = '{"nodes": {"a": {"id": "a", "type": "add"}, "a": {"id": "a", "type": "half"}}, "edges": []}'
    with pytest.raises(errors.DuplicateNode) as caught:
        read_graph(text, specs)
    assert caught.value.node == "a"


def test_017_mismatched_ids_and_missing_nodes_are_reported_before_unknown_fields(specs):
    for data, error in ORDER[1:3]:
        with pytest.raises(error):
            read_graph(json.dumps(data), specs)


def test_018_unknown_fields_and_cycles_are_reported_before_type_mismatches(specs):
    for data, error in ORDER[3:6]:
        with pytest.raises(error):
            read_graph(data, specs)


def test_019_type_mismatches_and_iterate_or_collect_nodes_without_an_input_are_reported_last(specs):
    for data, error in ORDER[6:]:
        with pytest.raises(error):
            read_graph(data, specs)


def test_020_a_json_round_trip_keeps_subtypes(graph, specs, n, e):
    graph.extend(
        [n("a width", image=MaskRef("m", 4, 4)), n("b width", image=ImageRef("i", 5, 5, "x.png")), n("c add")],
        [e("a.value > c.a"), e("b.value > c.b")],
    )
    again = read_graph(json.dumps(graph.to_json()), specs)
    assert again == graph
    assert type(again.nodes["a"].inputs["image"]) is MaskRef
    assert type(again.nodes["b"].inputs["image"]) is ImageRef
    assert again.to_json() == graph.to_json()


def test_021_a_json_schema_can_be_generated(specs):
    schema = json_schema(specs.values())
    json.dumps(schema)
    nodes = [schema["$defs"][each["$ref"].rpartition("/")[2]] for each in schema["$defs"]["AnyNode"]["oneOf"]]
    kinds = {each["properties"]["type"]["const"]: each for each in nodes}
    assert set(kinds) == set(specs)
    assert kinds["some"]["properties"]["inputs"]["properties"]["a"]["anyOf"] == [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}},
    ]
    assert kinds["paint"]["properties"]["inputs"]["properties"].keys() == {"steps", "a"}


def test_022_a_copy_is_equal_and_independent(graph, n, e):
    graph.extend([n("a number", value=1), n("b add")], [e("a.value > b.a")])
    other = graph.copy()
    assert other == graph
    other.extend([n("c add")], [e("b.value > c.a")])
    assert "c" not in graph
    assert list(graph.outgoing("b")) == []
    assert other != graph


def test_023_ancestors_and_descendants_are_found(graph, n, e):
    nodes = [n("a number", value=1), n("b add"), n("c add"), n("d add"), n("x number", value=1)]
    graph.extend(nodes, [e("a.value > b.a"), e("a.value > c.a"), e("b.value > d.a"), e("c.value > d.b")])
    assert graph.ancestors(["d"]) == {"d": 0, "b": 1, "c": 1, "a": 2}
    assert graph.descendants(["b"]) == {"b", "d"}


def test_024_part_of_a_graph_is_a_valid_graph(graph, specs, n, e):
    nodes = [n("a number", value=1), n("b add"), n("c add")]
    graph.extend(nodes, [e("a.value > b.a"), e("b.value > c.a")])
    part = read_graph(graph.to_json(graph.ancestors(["b"])), specs)
    assert list(part.nodes) == ["a", "b"]
    assert list(part.edges) == [Edge("a", "value", "b", "a")]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"nodes": 3}', '{"nodes": {"a": 1}}', "[" * 100_000])
def test_malformed_data_raises_a_specific_error(specs, text):
    with pytest.raises(errors.MalformedGraph):
        read_graph(text, specs)


def test_a_node_that_gets_an_edge_from_a_later_node_runs_after_that_node(specs, n, e):
    graph = Graph(specs)
    for number in range(50):
        graph.add_node(n(f"n{number} add"))
    for number in reversed(range(49)):
        graph.add_edge(e(f"n{number + 1}.value > n{number}.a"))
    assert graph.order() == [f"n{number}" for number in reversed(range(50))]
