"""Fixtures of the planning tests: a planner for a series of lines, and a description of a plan's links."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.workflows.planning.cook import Cook
from workflows.planning.plan_line import Plan


@pytest.fixture
def cook() -> Cook:
    """Return a planner that plans lines one after another, like a session."""
    return Cook()


@pytest.fixture
def links() -> Callable[[Plan], list[str]]:
    """Return a function that describes the links of a plan: `1.image -> 2.image piped`."""
    return lambda made: [f"{link.edge} {link.reason}" for link in made.links]
