"""Seeds and large integers are strings in JSON for other programs, and integers again when they are read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.catalog.discovery import built_in_specs
from invocations.errors import MalformedGraph
from invocations.graph.document import read_graph
from invocations.graph.exact_integers import (
    is_exact,
    read_document,
    read_inputs,
    with_strings,
    write_document,
    write_inputs,
)
from invocations.graph.graph import Graph
from invocations.graph.node import Node
from invocations.values import LatentsRef, to_json

SPECS = {spec.type: spec for spec in built_in_specs()}


def test_the_seeds_of_all_nodes_are_exact():
    exact = {(spec.type, field.name) for spec in SPECS.values() for field in spec.inputs if is_exact(field)}
    seeds = {(spec.type, field.name) for spec in SPECS.values() for field in spec.inputs if field.name == "seed"}
    assert exact == seeds
    assert ("noise", "seed") in exact


def test_a_seed_is_a_string_and_another_small_integer_is_a_number():
    written = write_inputs("noise", {"seed": 7, "width": 64}, SPECS)
    assert written == {"seed": "7", "width": 64}
    assert read_inputs("noise", written, SPECS) == {"seed": 7, "width": 64}


def test_the_largest_seed_survives_json():
    graph = Graph(SPECS)
    graph.extend([Node("n", "noise", {"seed": 18446744073709551615, "width": 64, "height": 64})], [])
    text = json.dumps(write_document(graph.to_json(), SPECS))
    assert '"18446744073709551615"' in text
    assert read_graph(read_document(json.loads(text), SPECS), SPECS) == graph


@given(st.integers(-(2**80), 2**80))
def test_any_integer_survives(value):
    written = write_inputs("add", {"a": value, "b": [value]}, SPECS)
    assert isinstance(written["a"], str) == (abs(value) > 2**53 - 1)
    assert read_inputs("add", written, SPECS)["a"] == value


def test_a_list_of_integers_is_read_by_item():
    assert write_inputs("iterate", {"sizes": [1, 2**60]}, SPECS) == {"sizes": [1, "1152921504606846976"]}
    assert read_inputs("iterate", {"sizes": [1, "1152921504606846976"]}, SPECS) == {"sizes": [1, 2**60]}


def test_large_integers_inside_of_results_are_strings():
    assert with_strings({"a": [2**53, -(2**53), 2**53 - 1, True, 1.5, "x"]}) == {
        "a": ["9007199254740992", "-9007199254740992", 2**53 - 1, True, 1.5, "x"]
    }


def test_the_seed_of_latents_is_read_as_an_integer():
    written = with_strings(to_json(LatentsRef("x", 8, 8, seed=2**63)))
    assert written["seed"] == "9223372036854775808"
    assert read_inputs("decode", {"latents": written}, SPECS)["latents"]["seed"] == 2**63


@pytest.mark.parametrize("value", ["12 ", "1e3", "٣", "", "0x10", "1\n"])
def test_other_strings_are_left_to_the_check_of_the_value(value):
    assert read_inputs("noise", {"seed": value}, SPECS) == {"seed": value}


def test_a_prompt_of_digits_stays_a_string():
    assert read_inputs("prompt", {"prompt": "123"}, SPECS) == {"prompt": "123"}


def test_too_many_digits_are_refused():
    with pytest.raises(MalformedGraph) as caught:
        read_inputs("noise", {"seed": "9" * 5000}, SPECS)
    assert str(caught.value) == "not a graph: an integer has 5000 digits, and at most 300 are allowed"


@pytest.mark.parametrize("data", [{}, {"nodes": 3}, {"nodes": {"a": 3}}, {"nodes": {"a": {"type": 3}}}])
def test_a_malformed_document_is_left_to_the_reader_of_graphs(data):
    assert read_document(data, SPECS) == data


def test_the_inputs_of_an_unknown_type_are_unchanged():
    assert read_inputs("unheard-of", {"seed": "7"}, SPECS) == {"seed": "7"}
    assert write_inputs("unheard-of", {"seed": 7}, SPECS) == {"seed": 7}
