"""The `save` nodes that are added for unused images when a line is run, counted, explained or decompiled."""

from __future__ import annotations

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.source import Source
from workflows.planning.autosave import no_additions
from workflows.planning.plan import Additions
from workflows.planning.plan_line import plan_line

SPECS = open_registry().specs()


def additions(line: str) -> Additions:
    return plan_line(Source(None, line), catalog=SPECS).additions


@pytest.mark.parametrize(
    ("line", "nodes", "results"),
    [
        ("t2i a fox", [("1.save", "save")], [("1.save", "image")]),
        ("t2i a fox | save fox.png", [], [("2", "image")]),
        ("load a.png", [], [("1", "image")]),
        ("load a.png | blur 2", [("2.save", "save")], [("2.save", "image")]),
        ("add 1 2", [], [("1", "value")]),
    ],
)
def test_each_unused_image_is_saved(line: str, nodes: list[tuple[str, str]], results: list[tuple[str, str]]) -> None:
    added = additions(line)
    assert [(node.id, node.type) for node in added.nodes] == nodes
    assert list(added.results) == results


def test_each_image_in_a_list_is_saved() -> None:
    added = additions("load a.png | iterate | blur 2 | collect")
    assert [(node.id, node.type) for node in added.nodes] == [("4.each", "iterate"), ("4.save", "save")]
    assert [(edge.source, edge.target) for edge in added.edges] == [("4", "4.each"), ("4.each", "4.save")]


def test_if_no_save_is_added_the_results_are_unchanged() -> None:
    plan = plan_line(Source(None, "t2i a fox"), catalog=SPECS)
    assert no_additions(plan) == Additions((), (), (("1.decode", "image"),))
