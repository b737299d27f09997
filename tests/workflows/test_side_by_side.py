"""Images of a sweep are denoised side by side, and nothing else changes: their bits, records, events and order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.denoising import side_by_side
from core.device_class import THREADS
from invocations.events import Event, NodeFinished, NodeProgress, NodeStarted, SessionCancelled, SessionFinished
from invocations.running.workers.worker_events import NodeAssigned
from workflows.workspace import Workspace

SWEEP = "t2i a fox --steps 2 --width 32 --height 32 --seed 1..4"
SINGLE = "t2i a fox --steps 2 --width 32 --height 32 --seed {}"
Open = Callable[..., Workspace]


@pytest.fixture
def processors(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Return a function that sets how many processors there are, without limits by the user."""
    for name in THREADS:
        monkeypatch.delenv(name, raising=False)
    return lambda count: monkeypatch.setattr("core.device_class.count_processors", lambda: count)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that receives the number of images in each group that is denoised side by side."""
    seen: list[int] = []
    whole = side_by_side.denoise_side_by_side

    def denoise(runs: Sequence[Any], *given: Any, **named: Any) -> list[Any]:
        seen.append(len(runs))
        return whole(runs, *given, **named)

    monkeypatch.setattr(side_by_side, "denoise_side_by_side", denoise)
    return seen


@pytest.fixture
def open_(tmp_path: Path) -> Iterator[Open]:
    """Yield a function that opens workspaces without a cache, with further settings."""
    opened: list[Workspace] = []

    def open_workspace(**settings: Any) -> Workspace:
        opened.append(Workspace.open(home=tmp_path, settings={"cache": False, "output_dir": str(tmp_path), **settings}))
        return opened[-1]

    yield open_workspace
    for workspace in opened:
        workspace.close()


def run(workspace: Workspace, line: str) -> list[Event]:
    return [*workspace.submit(workspace.plan(line))]


def done(events: Sequence[Event], kind: str) -> list[NodeFinished]:
    return [event for event in events if isinstance(event, NodeFinished) and event.node_type == kind]


def results(events: Sequence[Event]) -> list[tuple[str, Any]]:
    """Return the node types and the outputs, which are named by their content, in order."""
    ends = sorted((event for event in events if isinstance(event, NodeFinished)), key=lambda end: end.path)
    return [(end.node_type, end.outputs) for end in ends if end.node_type in ("denoise", "decode")]


def test_images_side_by_side_have_the_bits_of_single_images(
    open_: Open, processors: Callable[[int], None], groups: list[int]
) -> None:
    processors(3)
    workspace = open_()
    together = run(workspace, SWEEP)
    assert groups == [3]  # the last image is left over, and runs alone
    alone = [event for seed in range(1, 5) for event in run(workspace, SINGLE.format(seed))]
    assert groups == [3]
    assert results(together) == results(alone)
    assert isinstance(together[-1], SessionFinished)


def test_records_and_events_are_those_of_images_that_are_made_one_by_one(
    open_: Open, processors: Callable[[int], None], groups: list[int]
) -> None:
    processors(2)
    events = run(open_(), SWEEP)
    assert groups == [2, 2]
    ends = done(events, "denoise")
    assert [(end.path, end.batch, end.queue_seconds, end.worker) for end in ends] == [
        ((n,), 1, 0.0, "") for n in range(4)
    ]
    assert all(end.facts == ends[0].facts and "batch" not in end.facts for end in ends)
    assert all(end.peak_bytes > 0 and end.seconds > 0 for end in ends)
    assert not [event for event in events if isinstance(event, NodeAssigned)]
    steps = [(event.path, event.step) for event in events if isinstance(event, NodeProgress)]
    assert sorted(steps) == [((n,), step) for n in range(4) for step in (1, 2)]
    begun = [event.path for event in events if isinstance(event, NodeStarted) and event.node_type == "denoise"]
    assert begun == [end.path for end in ends]


@pytest.mark.parametrize(
    ("count", "settings", "line"),
    [
        (1, {}, SWEEP),
        (2, {"batch": "2"}, SWEEP),
        (2, {"jobs": "2"}, SWEEP),
        (2, {}, SINGLE.format(1)),
    ],
    ids=["one processor", "batches", "workers", "a single image"],
)
def test_images_run_side_by_side_only_in_sweeps_without_batches_and_workers(
    open_: Open, processors: Callable[[int], None], groups: list[int], count: int, settings: dict[str, str], line: str
) -> None:
    processors(count)
    assert isinstance(run(open_(**settings), line)[-1], SessionFinished)
    assert groups == []


def test_large_models_use_several_threads_themselves(
    open_: Open, processors: Callable[[int], None], groups: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    processors(2)
    monkeypatch.setattr("core.devices.SMALL_MODEL_BYTES", 0)
    run(open_(), SWEEP)
    assert groups == []


def test_cancelled_images_are_made_when_the_line_is_resumed(
    open_: Open, processors: Callable[[int], None], groups: list[int]
) -> None:
    processors(2)
    workspace = open_()
    line = workspace.submit(workspace.plan(SWEEP))
    events: list[Event] = []
    for event in line:
        if isinstance(event, NodeProgress) and not done(events, "denoise"):
            line.cancel()
        events.append(event)
    assert isinstance(events[-1], SessionCancelled)
    assert not done(events, "denoise")
    assert groups == [2]
    session = workspace.session
    rest = [*workspace.resume(session, [1])]
    expected = [event for seed in range(1, 5) for event in run(workspace, SINGLE.format(seed))]
    assert results(rest) == results(expected)
