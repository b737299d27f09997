"""A node that only calls a function runs without an object of its class, unless its inputs must be converted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from invocations.catalog.registry import open_registry
from invocations.running.plain import plain_work
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
