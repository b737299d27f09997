"""Fixtures that convert metadata from other tools to lines with the real commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.parser import parse
from invocations.language.printer import print_tree
from invocations.language.source import Source
from workflows.importers.detect import detect
from workflows.importers.to_pipeline import to_pipeline
from workflows.planning.plan_line import plan_line

REGISTRY = open_registry()
Imports = Callable[..., tuple[str, tuple[str, ...]]]


def make_line(
    texts: Mapping[str, str], models: Collection[str] = ("default", "dreamshaper_8")
) -> tuple[str, tuple[str, ...]]:
    """Return the line and notes for a file's text chunks; check that the line can be parsed and planned."""
    found = detect(texts)
    assert found is not None
    pipeline, notes = to_pipeline(found, REGISTRY, models)
    line = print_tree(pipeline)
    assert parse(Source(None, line)) == pipeline
    assert plan_line(Source(None, line), catalog=REGISTRY).nodes
    return line, notes


@pytest.fixture
def line_of() -> Imports:
    return make_line
