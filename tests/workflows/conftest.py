"""Fixtures that open workspaces without an application: no test in this folder can import the terminal package."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from invocations.catalog.registry import open_registry
from tests.invocations.running.workers.fake_workers import FakeWorkers
from workflows.reserved import ReservedWords
from workflows.settings.place import Place
from workflows.settings.resolve import resolve
from workflows.workspace import Workspace

WORDS = ReservedWords({"let": "", "set": "", "unset": "", "run": "", "exit": "", "stats": ""})
OpenWorkspace = Callable[[], Workspace]
WORKERS = int(os.environ.get("INVOKEAI_TEST_WORKERS", "0"))  # how many workers the tests of scripts use


def use_fake_workers(workspace: Workspace, size: int) -> FakeWorkers:
    """Let a workspace use workers in this process, and return them."""
    invoker = workspace.invoker
    workers = FakeWorkers(size, invoker.services, catalog=invoker.catalog)
    invoker._make_workers = lambda: workers
    return workers


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make any import of `invokeai_cli` fail."""
    for name in [name for name in sys.modules if name.startswith("invokeai_cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "invokeai_cli", None)


@pytest.fixture
def open_workspace(isolated_home: Path, tmp_path: Path) -> Iterator[OpenWorkspace]:
    """Yield a function that opens workspaces with the same home folder; all of them are closed after the test."""
    opened: list[Workspace] = []

    def open_() -> Workspace:
        jobs = {"INVOKEAI_JOBS": str(WORKERS)} if WORKERS else {}
        place = Place({"INVOKEAI_HOME": str(isolated_home), **jobs}, str(tmp_path))
        workspace = Workspace(
            lambda: resolve(place, {}, {}), catalog=open_registry(), folder=str(tmp_path), reserved=WORDS
        )
        if WORKERS:
            use_fake_workers(workspace, WORKERS)
        opened.append(workspace)
        return workspace

    yield open_
    for workspace in opened:
        workspace.close()


@pytest.fixture
def workspace(open_workspace: OpenWorkspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace in the test's own folder."""
    monkeypatch.chdir(tmp_path)
    return open_workspace()


@pytest.fixture
def cat(tmp_path: Path) -> Path:
    """Return a small image file in the workspace's folder."""
    Image.radial_gradient("L").resize((16, 16)).convert("RGB").save(tmp_path / "cat.png")
    return tmp_path / "cat.png"
