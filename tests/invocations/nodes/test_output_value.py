"""Output values that depend only on constants are computed before the line runs, and equal what the node returns."""

from __future__ import annotations

from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.precheck.find import computer
from invocations.precheck.known import Unknown
from tests.invocations.nodes.conftest import Run
from tests.invocations.precheck.known import LINKED, Given

CASES: list[tuple[str, dict[str, Any]]] = [
    ("range", {"start": 1, "stop": 4}),
    ("range", {"start": 5, "stop": -5, "step": -3}),
    ("range", {"start": 3, "stop": 3}),
    ("linspace", {"start": 0.0, "stop": 1.0, "count": 5}),
    ("linspace", {"start": 2.0, "stop": 1.0, "count": 1}),
    ("list", {"values": ["a", 2, None]}),
    ("zip", {"a": [1, 2], "b": ["x", "y"]}),
    ("product", {"a": [1, 2], "b": ["x", "y", "z"]}),
    ("slice", {"collection": [1, 2, 3, 4], "start": 1, "step": 2}),
    ("slice", {"collection": [1, 2, 3, 4], "stop": -1}),
    ("pick", {"collection": ["a", "b"], "index": -1}),
    ("length", {"collection": [1, 2, 3]}),
    ("sort", {"collection": [3, 1, 2], "descending": True}),
    ("dynamic", {"template": "a {red|blue} {house|boat}"}),
    ("dynamic", {"template": "a {red|blue} {house|boat}", "count": 3}),
    ("dynamic", {"template": "a {red|blue} {house|boat}", "random": True, "count": 5, "seed": 7}),
    ("dynamic", {"template": "a {~red|blue} {house|boat}", "seed": 7}),
]


def given(type_: str, inputs: dict[str, Any]) -> Given:
    fields = open_registry()[type_].inputs
    return Given({field.name: inputs.get(field.name, field.default) for field in fields})


@pytest.mark.parametrize(("type_", "inputs"), CASES)
def test_the_computed_value_equals_the_value_that_the_node_returns(
    run: Run, type_: str, inputs: dict[str, Any]
) -> None:
    found = computer(open_registry()[type_].output_value)(given(type_, inputs))
    assert (list(found) if isinstance(found, range) else found) == run(type_, **inputs)


def test_every_node_that_declares_an_output_value_is_tested() -> None:
    assert {spec.type for spec in open_registry().values() if spec.output_value} == {case[0] for case in CASES}


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        ("range", {"start": 1, "stop": LINKED}),
        ("range", {"start": 1, "stop": 4, "step": 0}),
        ("linspace", {"start": 0.0, "stop": 1.0, "count": 99_999}),
        ("zip", {"a": [1], "b": [1, 2]}),
        ("product", {"a": [0] * 1000, "b": [0] * 1000}),
        ("slice", {"collection": [1, 2], "step": 0}),
        ("pick", {"collection": ["a", "b"], "index": 2}),
        ("sort", {"collection": [3, "a"]}),
        ("list", {"values": LINKED}),
        ("dynamic", {"template": LINKED}),
        ("dynamic", {"template": "a {red|blue"}),
        ("dynamic", {"template": "a __thing__"}),
        ("dynamic", {"template": "a {~red|blue} house"}),
        ("dynamic", {"template": "a {red|blue} house", "random": True}),
        ("dynamic", {"template": "{a|b|c|d|e|f|g|h|i|j}" * 5}),
    ],
)
def test_no_value_is_computed_if_the_node_would_refuse_an_input_or_an_input_is_linked(
    type_: str, inputs: dict[str, Any]
) -> None:
    with pytest.raises(Unknown):
        computer(open_registry()[type_].output_value)(given(type_, inputs))
