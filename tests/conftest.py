"""Fixtures of the whole suite: a world of its own for every test, and no network."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

import core  # noqa: F401 - says how threads wait before any test imports torch

# A shared machine stalls now and then: examples are counted, never timed.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture(autouse=True)
def isolated_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test its own home for config, data, state and cache, and keep hubs out of reach."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("INVOKEAI_HOME", str(home))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    for name in ("NO_COLOR", "FORCE_COLOR", "INVOKEAI_OUTPUT", "INVOKEAI_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    return home
