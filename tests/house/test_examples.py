"""Every example in the metadata runs, and leaves what it says: commands are documented by what works."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.registry import open_registry

REGISTRY = open_registry()
EXAMPLES = [(name, example) for name, spec in REGISTRY.specs().items() for example in spec.examples]


def test_every_node_and_recipe_has_an_example() -> None:
    assert [name for name, spec in REGISTRY.specs().items() if not spec.examples] == []
