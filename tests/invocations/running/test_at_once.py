"""A batch with a node that ends the program instead of failing."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.invocations.bench import Bench
from tests.invocations.kitchen_batches import Press
from tests.invocations.running.test_batches import pressed


def test_a_node_that_ends_the_program_fails_alone(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    invoke_many = Press.invoke_many

    def ending(items: Any) -> Any:
        return sys.exit(3) if any(node.a == 2 for node, _ in items) else invoke_many(items)

    monkeypatch.setattr(Press, "invoke_many", staticmethod(ending))
    pressed(bench, [1, 2, 3], 8)
    assert (bench.failed(), bench.values("p0"), bench.values("p2")) == (["p1"], [2], [6])
