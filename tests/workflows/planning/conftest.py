"""Fixtures of the planning tests: what plans lines, and a description of links."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.workflows.planning.cook import Cook
from workflows.planning.plan_line import Plan


@pytest.fixture
def cook() -> Cook:
    """Return what plans lines one after the other, like a session."""
    return Cook()


@pytest.fixture
def links() -> Callable[[Plan], list[str]]:
    """Return a function that describes the links of a plan: `1.image -> 2.image piped`."""
    return lambda made: [f"{link.edge} {link.reason}" for link in made.links]
