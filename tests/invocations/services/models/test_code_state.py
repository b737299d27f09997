"""The state of the code changes with every Python file that recognizes or describes models, and with the version."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import core
from invocations.services.models import code_state as module
from invocations.versions import PROGRAM

FILES = ("models/card.py", "models/kinds/unets.py", "models/derived/vae.py")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Returns the state of code that lies in the temporary folder."""
    for name in (*FILES, "models/default/weights"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(core, "__path__", [str(tmp_path)])

    def state() -> int:
        module.code_state.cache_clear()
        return module.code_state()

    yield state
    module.code_state.cache_clear()


@pytest.mark.parametrize("name", [*FILES, "models/new.py", "models/layouts/new.py"])
def test_each_python_file_counts(state: Callable[[], int], tmp_path: Path, name: str) -> None:
    before = state()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("xx")
    assert state() != before


def test_other_files_do_not_count(state: Callable[[], int], tmp_path: Path) -> None:
    before = state()
    (tmp_path / "models/default/weights").write_text("xx")
    assert state() == before


def test_the_version_of_the_program_counts(state: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    before = state()
    monkeypatch.setattr(module, "versions", lambda: {PROGRAM: "99"})
    assert state() != before


def test_all_code_of_the_models_lies_in_the_folders_that_count() -> None:
    root = Path(core.__path__[0], "models")
    assert {len(path.relative_to(root).parts) for path in root.rglob("*.py")} == {1, 2}
