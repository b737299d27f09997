"""Models that nobody uses are unloaded while an application waits for input."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from invocations.local import LocalServices
from workflows.idle import unloading_idle_models
from workflows.workspace import Workspace


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event that is set when idle models are unloaded."""
    checked = threading.Event()
    monkeypatch.setattr(LocalServices, "free_idle", lambda services: checked.set())
    return checked


def checking() -> bool:
    return any(thread.name == "idle models" for thread in threading.enumerate())


def test_idle_models_are_unloaded_while_the_application_waits(isolated_home: Path, checks: threading.Event) -> None:
    with Workspace.open(home=isolated_home) as workspace, unloading_idle_models(workspace, 0.001):
        assert checks.wait(60)


def test_nothing_is_checked_after_the_wait_or_if_models_are_never_unloaded(
    isolated_home: Path, checks: threading.Event
) -> None:
    with Workspace.open(home=isolated_home) as workspace:
        with unloading_idle_models(workspace, 3600):
            (thread,) = [each for each in threading.enumerate() if each.name == "idle models"]
        thread.join(60)
        assert not checking()
    with (
        Workspace.open(home=isolated_home, settings={"idle_unload": "never"}) as workspace,
        unloading_idle_models(workspace, 0.001),
    ):
        assert not checking()
    assert not checks.is_set()


def test_an_error_while_models_are_unloaded_does_not_end_the_checks(
    isolated_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures, checked = [ValueError(), MemoryError()], threading.Event()

    def free(services: LocalServices) -> None:
        if failures:
            raise failures.pop()
        checked.set()

    monkeypatch.setattr(LocalServices, "free_idle", free)
    with Workspace.open(home=isolated_home) as workspace, unloading_idle_models(workspace, 0.001):
        assert checked.wait(60)
