"""A run can be cancelled wherever it is: while it imports, loads, encodes, denoises, decodes or saves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from invocations.events import (
    Event,
    ModelLoadStarted,
    NodeFinished,
    NodeProgress,
    NodeStarted,
    SessionCancelled,
    SessionFinished,
)
from invocations.running.base import Job, Run, Runner
from invocations.running.execute import execute
from workflows.workspace import Workspace

LINE = "t2i a fox --steps 3 --width 32 --height 24 --seed 7 --no-cache | save fox.png --overwrite"
PLACES = 12  # at how many places a run is cancelled


class InThisThread(Runner):
    """Runs nodes in the thread that reads the events, and cancels a run at its check number `last`, if any.

    seen: all events, in the order in which they happened; late: those after the run was cancelled
    """

    def __init__(self) -> None:
        self.checks, self.last = 0, 0
        self.seen: list[Event] = []
        self.late: list[Event] = []
        self.ends: Callable[[Event], bool] = lambda event: False

    def start(self, job: Job) -> Run:
        self.checks, self.seen, self.late = 0, [], []
        return _Steps(execute(job, self.note, self.is_cancelled), self)

    def is_cancelled(self) -> bool:
        self.checks += 1
        return 0 < self.last <= self.checks

    def note(self, event: Event) -> Event:
        (self.late if 0 < self.last <= self.checks else self.seen).append(event)
        if self.ends(event):
            self.last = 1
        return event


class _Steps(Run):
    def __init__(self, events: Iterator[Event], runner: InThisThread) -> None:
        self.events, self.runner = events, runner

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return self.runner.note(next(self.events))

    def cancel(self) -> None:
        self.runner.last = 1


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save images in a folder of the test."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> InThisThread:
    """Return the runner of all workspaces in a test."""
    runner = InThisThread()
    monkeypatch.setattr("invocations.local.LocalRunner", lambda: runner)
    return runner


def leftovers(*folders: Path) -> list[Path]:
    """Return the partial files in these folders."""
    return [path for folder in folders for path in folder.rglob("*.part*")]


def test_a_run_that_is_cancelled_anywhere_ends_there_and_is_resumed_to_the_same_image(
    runner: InThisThread, open_workspace: Callable[[], Workspace], tmp_path: Path, isolated_home: Path
) -> None:
    whole = open_workspace()
    (expected,) = whole.run(LINE)
    most = runner.checks
    assert most > PLACES
    for place in range(1, most, most // PLACES):
        workspace = open_workspace()
        runner.last = place
        run = workspace.submit(workspace.plan(LINE))
        list(run)
        (*after, end) = runner.late or runner.seen
        assert isinstance(end, (SessionCancelled, SessionFinished)), place
        if isinstance(end, SessionCancelled):
            assert not [event for event in after if isinstance(event, (NodeStarted, NodeProgress, NodeFinished))], place
            saved = any(isinstance(event, NodeFinished) and event.node_type == "save" for event in runner.seen)
            assert workspace.unfinished() == ([] if saved else [1])  # the last checks come after the last node
        assert leftovers(tmp_path, isolated_home) == []
        runner.last = 0
        if workspace.unfinished():
            (result,) = workspace.resume(workspace.session, [1]).finish()
            assert [image.name for image in result.image_refs] == [image.name for image in expected.image_refs]


@pytest.mark.parametrize("part", ["text_encoder", "unet", "vae"])
def test_a_run_that_is_cancelled_while_a_part_is_loaded_computes_nothing_with_it(
    runner: InThisThread, workspace: Workspace, part: str
) -> None:
    runner.ends = lambda event: isinstance(event, ModelLoadStarted) and event.part == part
    run = workspace.submit(workspace.plan(LINE))
    list(run)
    assert [type(event) for event in runner.late] == [SessionCancelled]


def test_at_most_one_more_step_is_computed_after_a_run_is_cancelled(runner: InThisThread, workspace: Workspace) -> None:
    runner.ends = lambda event: isinstance(event, NodeProgress) and event.step == 1
    list(workspace.submit(workspace.plan(LINE)))
    assert [type(event) for event in runner.late] == [SessionCancelled]
    assert [event.step for event in runner.seen if isinstance(event, NodeProgress)] == [1]


def test_a_run_ends_at_once_while_a_library_is_imported(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow_import(name: str) -> ModuleType:
        begun.set()
        go_on.wait()
        return import_module(name)

    monkeypatch.setattr("invocations.services.generation.local.import_module", slow_import)
    run = workspace.submit(workspace.plan(LINE))
    assert isinstance(next(run), NodeStarted)
    begun.wait()
    run.cancel()
    *_, last = run
    assert isinstance(last, SessionCancelled)
    assert not go_on.is_set()
    go_on.set()
    list(workspace.resume(workspace.session, [1]))
    assert workspace.unfinished() == []
