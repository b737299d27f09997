"""The commands that come with the program, by their words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from invocations.registry import open_registry
from invocations.spec import InvocationSpec


@pytest.fixture(scope="session")
def commands() -> Mapping[str, InvocationSpec]:
    return open_registry().specs()
