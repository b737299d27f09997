"""Round trip: 500 random lines are written as ComfyUI graphs, using every readable node type, and read back."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from invocations.language.printer import print_tree
from tests.workflows.importers.comfyui.random_lines import MODELS, REGISTRY, random_line
from tests.workflows.importers.comfyui.written_graphs import written
from workflows.importers import comfyui
from workflows.importers.comfyui.widgets import WIDGETS
from workflows.importers.to_pipeline import to_pipeline

Nodes = dict[str, dict[str, Any]]


def read(text: str) -> tuple[str, tuple[str, ...]]:
    found = comfyui.read(text)
    assert found is not None
    pipeline, notes = to_pipeline(found, REGISTRY, MODELS)
    return print_tree(pipeline), notes


def check_read_back(seed: int, form: Callable[[Nodes, Random], Any]) -> None:
    """Check that a random line is read back from its graph, without notes if the line expresses the whole graph."""
    rng = Random(seed)
    line = random_line(rng)
    nodes, exact = written(line, rng)
    text = json.dumps(form(nodes, rng))
    found, notes = read(text)
    assert found == line, (seed, text)
    assert not exact or notes == (), (seed, text)


@pytest.mark.parametrize("tens", range(50))
def test_a_line_written_as_a_graph_is_read_back(tens: int) -> None:
    for seed in range(tens * 10, tens * 10 + 10):
        check_read_back(seed, lambda nodes, _: nodes)


def test_the_random_graphs_contain_every_readable_node_type() -> None:
    kinds = set()
    for seed in range(500):
        rng = Random(seed)
        nodes, _ = written(random_line(rng), rng)
        kinds |= {node["class_type"] for node in nodes.values()}
    assert sorted(set(WIDGETS) - kinds - {"VAELoader"}) == []
