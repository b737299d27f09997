"""Lines that run in two worker processes have the same results as in one process, even if a worker is killed."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Sequence
from math import inf
from pathlib import Path

import pytest

from invocations.events import Event, NodeFailed, NodeFinished, NodeProgress, NodeRetried
from invocations.local import LocalServices, LocalSettings
from invocations.running.workers.processes import ProcessWorkers
from invocations.sessions.journal import Began
from tests.worker_plugin import Sketches
from workflows import Workspace

LINE = "range 1 7 | iterate | sketch | invert"


@pytest.fixture
def sketches(isolated_home: Path, tmp_path: Path) -> Sketches:
    """Return the folder with which the node `sketch` is controlled."""
    return Sketches(tmp_path, isolated_home)


def open_with(home: Path, jobs: int) -> Workspace:
    return Workspace.open(home=home, settings={"jobs": str(jobs), "cache": False, "output_dir": str(home)})


def names(workspace: Workspace, node_type: str) -> list[str]:
    """Return the names of the images of a type of node, in the order of its iterations."""
    session = workspace.session
    ids = [id_ for id_, node in session.graph.nodes.items() if node.type == node_type]
    return [image.name for id_ in ids for image in session.values(id_, "image")]


def run(workspace: Workspace, line: str = LINE) -> list[Event]:
    return [*workspace.submit(workspace.plan(line))]


def in_one_process(home: Path) -> list[str]:
    with open_with(home, 1) as workspace:
        run(workspace)
        return names(workspace, "invert")


def begun(workspace: Workspace, node_type: str) -> Counter[tuple[int, ...]]:
    """Return how often each run of a type of node has begun."""
    log = workspace.session.log
    return Counter(entry.path for entry in log if isinstance(entry, Began) and entry.node_type == node_type)


def check_recorded_once(workspace: Workspace) -> None:
    done = Counter((entry.node_id, entry.path) for entry in workspace.session.log if isinstance(entry, NodeFinished))
    assert set(done.values()) == {1}


def test_two_workers_make_the_images_of_one_process(isolated_home: Path, sketches: Sketches) -> None:
    expected = in_one_process(isolated_home)
    with open_with(isolated_home, 2) as workspace:
        events = run(workspace)
        assert names(workspace, "invert") == expected
        check_recorded_once(workspace)
    done = [event for event in events if isinstance(event, NodeFinished) and event.node_type == "sketch"]
    assert {event.worker for event in done} <= {"w1", "w2"}
    assert {event.device for event in done} == {"cpu"}
    pids = {pid for number in range(1, 7) for pid in sketches.processes(number)[1:]}
    assert os.getpid() not in pids


def test_images_are_saved_in_the_order_of_their_items_even_if_later_ones_are_made_first(
    isolated_home: Path, sketches: Sketches, tmp_path: Path
) -> None:
    sketches.hold(1)
    with open_with(isolated_home, 2) as workspace:
        line = workspace.submit(workspace.plan(f"range 1 5 | iterate | sketch | save '{tmp_path}/{{index}}.png'"))
        saved = []
        for event in line:
            if isinstance(event, NodeFinished) and event.node_type == "sketch" and event.path == (3,):
                sketches.release(1)
            if isinstance(event, NodeFinished) and event.node_type == "save":
                saved.append((event.path, Path(event.outputs["image"].path).name))
    assert saved == [((number,), f"{number + 1}.png") for number in range(4)]


def test_the_image_of_a_worker_that_is_killed_is_made_by_another_worker(
    isolated_home: Path, sketches: Sketches
) -> None:
    expected = in_one_process(isolated_home)
    sketches.hold()
    with open_with(isolated_home, 2) as workspace:
        events = []
        for event in workspace.submit(workspace.plan(LINE)):
            events.append(event)
            if isinstance(event, NodeProgress) and (sketches.folder / "hold").exists():
                os.kill(sketches.processes(event.path[0] + 1)[-1], signal.SIGKILL)
                hit = event.path
                sketches.release()
        assert names(workspace, "invert") == expected
        check_recorded_once(workspace)
        assert begun(workspace, "sketch") == Counter([*((number,) for number in range(6)), hit])
    assert len([event for event in events if isinstance(event, NodeRetried)]) == 1
    assert events[-1].event == "session_finished"


def test_a_node_that_ends_its_process_three_times_is_quarantined_and_the_other_images_are_made(
    isolated_home: Path, sketches: Sketches
) -> None:
    expected = in_one_process(isolated_home)
    sketches.crash(3)
    with open_with(isolated_home, 2) as workspace:
        events = run(workspace)
        assert names(workspace, "invert") == [*expected[:2], *expected[3:]]
    (failed,) = [event for event in events if isinstance(event, NodeFailed)]
    message = "it crashed three processes (signal 9), so it is quarantined"
    assert (failed.node_type, failed.path, failed.error.code, failed.error.message) == (
        "sketch", (2,), "set_aside", message
    )  # fmt: skip
    assert len(set(sketches.processes(3)[1:])) == 3


def worker_pids(workspace: Workspace) -> set[int]:
    workers = workspace.invoker.workers
    assert isinstance(workers, ProcessWorkers)
    return {each.process.pid for each in workers._running.values()}


def test_a_cancelled_run_leaves_workers_that_the_next_line_uses(
    isolated_home: Path, sketches: Sketches, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("invocations.running.workers.pool.GRACE_S", inf)
    sketches.hold()
    with open_with(isolated_home, 2) as workspace:
        line = workspace.submit(workspace.plan(LINE))
        for event in line:
            if isinstance(event, NodeProgress):
                line.cancel()
        assert event.event == "session_cancelled"
        sketches.release()
        before = worker_pids(workspace)
        run(workspace, "sketch --number 99")
        assert set(sketches.processes(99)) < before == worker_pids(workspace)


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have graphics cards, as far as device files show."""
    monkeypatch.setattr("core.device_class._has_only_cpu", lambda: False)


@pytest.mark.parametrize("visible", [None, "0", "1", "1,0"])
def test_keys_are_the_same_for_every_graphics_card(
    visible: str | None, cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def computing(device: str) -> object:
        return LocalServices(LocalSettings(Path(), Path(), Path(), device=device)).computing()

    expected = computing("cuda")
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found: Sequence[object] = [computing(device) for device in ("cuda", "cuda:0", "cuda:1")]
    assert found == [expected] * 3
