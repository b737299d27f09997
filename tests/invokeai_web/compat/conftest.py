"""A workspace for the tests that turn requests into steps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from workflows.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """Yield a workspace in the test's own folder."""
    with Workspace.open(tmp_path) as opened:
        yield opened
