"""Two worker processes are at work on two lines of a script at the same time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from invocations.events import Event, NodeFinished, NodeProgress
from tests.worker_plugin import Sketches
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import run
from workflows.observer import Outcome
from workflows.workspace import Workspace

LINES = [f"sketch --number {n} | invert | save {n}.png" for n in range(1, 7)]
SCRIPT = "\n".join(LINES) + "\n"


@pytest.fixture
def sketches(isolated_home: Path, tmp_path: Path) -> Sketches:
    """Return the folder with which the node `sketch` is controlled."""
    return Sketches(tmp_path, isolated_home)


class Both(Recorder):
    """Lets the sketches go on once two lines are in progress."""

    def __init__(self, sketches: Sketches) -> None:
        super().__init__()
        self.sketches = sketches
        self.at_once: set[str] = set()  # the nodes that were in progress at the same time
        self.workers: set[str] = set()

    def event(self, event: Event) -> None:
        if isinstance(event, NodeProgress) and event.step == 1 and len(self.at_once) < 2:
            self.at_once.add(event.node_id)
            if len(self.at_once) == 2:
                self.sketches.release()
        elif isinstance(event, NodeFinished) and event.worker:
            self.workers.add(event.worker)


def images(home: Path, folder: Path, jobs: int, seen: Recorder) -> dict[str, bytes]:
    """Run the script and return its images."""
    settings = {"jobs": str(jobs), "cache": False}
    with Workspace.open(folder, home=home, settings=settings) as workspace:
        outcome, _ = run(workspace, SCRIPT, observer=seen)
        assert (outcome, seen.of("line")) == (Outcome.DONE, LINES)
        assert [line.outcome for line in workspace.session.lines] == ["done"] * 6
    made = {path.name: path.read_bytes() for path in folder.glob("?.png")}
    for name in made:
        (folder / name).unlink()
    return made


def test_two_processes_are_at_work_on_two_lines_at_the_same_time(
    sketches: Sketches, isolated_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sketches.hold()
    seen = Both(sketches)
    made = images(isolated_home, tmp_path, 2, seen)
    assert (len(seen.at_once), seen.workers, len(made)) == (2, {"w1", "w2"}, 6)
    assert os.getpid() not in {pid for number in range(1, 7) for pid in sketches.processes(number)}
    assert made == images(isolated_home, tmp_path, 1, Recorder())
