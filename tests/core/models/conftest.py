"""A model folder that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def model(model_folder: Callable[[str], Path], tmp_path: Path) -> Path:
    """Return a copy of a whole model that a test may change or break."""
    return Path(shutil.copytree(model_folder("sd1"), tmp_path / "fox"))
