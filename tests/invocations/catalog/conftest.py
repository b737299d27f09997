"""Fixtures: the folder that plug-ins are read from, and the folder that they are cached in."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def nodes(tmp_path: Path) -> Path:
    """Return an empty nodes folder."""
    folder = tmp_path / "nodes"
    folder.mkdir()
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """Return the path of a cache folder that does not exist yet."""
    return tmp_path / "cache" / "deep"
