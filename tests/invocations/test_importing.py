"""The name of a large library is reported while it is being imported."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from invocations.importing import library_being_imported, watch_imports


def being_imported(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleSpec:
    """Let a library be one that is being imported; return its spec."""
    library, spec = ModuleType(name), ModuleSpec(name, None)
    library.__spec__, spec._initializing = spec, True  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, name, library)
    return spec


def test_a_library_is_named_while_it_imports_others_and_until_it_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    being_imported("torch", monkeypatch)
    assert library_being_imported() == "torch"
    diffusers = being_imported("diffusers", monkeypatch)
    assert library_being_imported() == "diffusers"
    diffusers._initializing = False  # type: ignore[attr-defined]
    assert library_being_imported() == "torch"


def test_each_change_is_reported_until_the_last_library_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "diffusers", "transformers"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    specs: list[ModuleSpec] = []
    found: list[str] = []

    def go_on(seconds: float) -> None:
        """Import torch, then diffusers; each of them is seen twice."""
        if len(waits := [*waited, seconds]) in (2, 5):
            specs.append(being_imported("torch" if len(waits) == 2 else "diffusers", monkeypatch))
        if len(waits) in (4, 7):
            specs[-1]._initializing = False  # type: ignore[attr-defined]
        waited.append(seconds)

    waited: list[float] = []
    watch_imports(found.append, go_on)
    assert found == ["torch", "", "diffusers", ""]
    assert len(waited) == 8
