"""A node that only calls a function runs without an object of its class, unless its inputs must be converted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invocations.cache.forecast import Forecast
from invocations.catalog.registry import open_registry
from invocations.running.plain import all_plain, plain_work
from invocations.values import ImageRef, LatentsRef, MaskRef

REGISTRY = open_registry()
SAVE = REGISTRY.spec("save")
IMAGE = ImageRef("fox", 4, 4)
DEFAULTS = {"target": "", "format": None, "quality": 90, "overwrite": False, "metadata": True}


@pytest.mark.parametrize(
    "inputs",
    [
        {"image": IMAGE},
        {"image": MaskRef("fox", 4, 4), "target": "x.png", "quality": 100, "overwrite": True},
        {"image": IMAGE, "format": "jpeg", "metadata": False},
    ],
)
def test_a_node_runs_without_an_object_of_its_class_if_the_inputs_have_the_declared_types(inputs):
    work, whole = plain_work(SAVE, inputs)
    assert callable(work)
    assert whole == {**DEFAULTS, **inputs}


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        {"image": "fox.png"},
        {"image": LatentsRef("fox")},
        {"image": IMAGE, "quality": 0},
        {"image": IMAGE, "quality": 101},
        {"image": IMAGE, "quality": "90"},
        {"image": IMAGE, "quality": True},
        {"image": IMAGE, "overwrite": 1},
        {"image": IMAGE, "format": "gif"},
        {"image": IMAGE, "target": None},
        {"image": IMAGE, "colour": "red"},
    ],
)
def test_inputs_that_must_be_converted_or_refused_are_passed_to_the_class(inputs):
    assert plain_work(SAVE, inputs) is None


def test_only_built_in_nodes_run_without_an_object_of_their_class():
    assert plain_work(replace(SAVE, origin="/home/fox/nodes/save.py"), {"image": IMAGE}) is None
    assert plain_work(REGISTRY.spec("blur"), {"image": IMAGE}) is None


@pytest.mark.parametrize("values", [[], [1, "two", 3.0], [IMAGE, None]])
def test_a_list_whose_items_may_be_anything_needs_no_class(values):
    work, whole = plain_work(REGISTRY.spec("list"), {"values": values})
    assert work(None, whole) == {"collection": values}


@pytest.mark.parametrize("values", [(1, 2), "12", None])
def test_a_value_that_is_not_a_list_is_passed_to_the_class(values):
    assert plain_work(REGISTRY.spec("list"), {"values": values}) is None


@pytest.mark.parametrize(
    ("line", "engine", "plain"),
    [
        ("load save", False, True),
        ("load show", False, True),
        ("list iterate add collect", False, True),
        ("model list iterate prompt denoise decode save", True, True),
        ("load model fit prompt encode denoise decode show", True, True),
        ("model prompt denoise decode", False, False),
        ("load blur save", True, False),
    ],
)
def test_a_line_needs_no_class_if_each_node_is_a_function_a_loop_or_runs_in_the_engine(line, engine, plain):
    forecasts = [Forecast(name, name, reused=False) for name in line.split()]
    assert all_plain(forecasts, REGISTRY, engine=engine) is plain
