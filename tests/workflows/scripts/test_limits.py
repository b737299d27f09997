"""Time and image limits that stop a script, resuming after a limit, and retries of failed lines."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.damaged import REASON, damage
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import run
from workflows.observer import Outcome
from workflows.scripts.options import RunOptions
from workflows.tally import Tally
from workflows.workspace import Workspace

LOOP = 'load cat.png as cat\nrange 1 6 | iterate as n | rotate @n --image @cat | save "m-{index}.png"\nadd 1 2\n'
SINGLE = "".join(f"load cat.png | blur {n} | save {n}.png\n" for n in (1, 2, 3))


@dataclass
class TallyRecorder(Recorder):
    """A recorder that also keeps the last tally."""

    tally: Tally | None = None

    def script_finished(self, tally: Tally) -> None:
        self.tally = tally


def made(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.png") if path.name != "cat.png")


def test_an_image_limit_stops_a_loop_and_resuming_computes_the_remaining_images(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    workspace = open_()
    outcome, seen = run(workspace, LOOP, RunOptions(max_images=2), observer=TallyRecorder())
    assert isinstance(seen, TallyRecorder)
    assert outcome is Outcome.LIMITED
    assert [workspace.session.count(type_) for type_ in ("rotate", "save")] == [2, 2]
    assert seen.of("note") == ["stopped: the limit of 2 images is reached"]
    assert seen.tally is not None
    assert (seen.tally.saved, seen.tally.limit, seen.tally.done) == (2, "max_images", 1)
    assert made(cat.parent) == ["m-1.png", "m-2.png"]
    outcome, seen = run(open_(), LOOP, RunOptions(resume=True, max_images=2), observer=TallyRecorder())
    assert (outcome, made(cat.parent)) == (Outcome.LIMITED, [f"m-{n}.png" for n in range(1, 5)])
    outcome, seen = run(open_(), LOOP, RunOptions(resume=True, max_images=2), observer=TallyRecorder())
    assert (outcome, made(cat.parent)) == (Outcome.DONE, [f"m-{n}.png" for n in range(1, 6)])
    assert seen.of("result")[-1] == 3


def test_an_image_limit_reached_by_the_last_line_does_not_stop_the_script(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    outcome, seen = run(open_(), SINGLE, RunOptions(max_images=3))
    assert (outcome, seen.of("note"), made(cat.parent)) == (Outcome.DONE, [], ["1.png", "2.png", "3.png"])


def test_a_time_limit_stops_the_script_after_the_current_line(open_: Callable[[], Workspace], cat: Path) -> None:
    def clock() -> float:
        return 60.0 * len(made(cat.parent))  # each image takes a minute

    outcome, seen = run(open_(), SINGLE, RunOptions(max_seconds=90.0), clock=clock)
    assert (outcome, made(cat.parent)) == (Outcome.LIMITED, ["1.png", "2.png"])
    assert seen.of("note") == ["stopped: the limit of 1 min 30 s is reached"]
    assert [line.outcome for line in open_().invoker.lines()] == ["done", "done"]


def test_a_time_limit_stops_a_loop_after_the_current_item(open_: Callable[[], Workspace]) -> None:
    ticks = itertools.count()
    text = "range 1 9 | iterate | add 1 | collect | length\n"
    outcome, _ = run(open_(), text, RunOptions(max_seconds=3.0), clock=lambda: float(next(ticks)))
    assert outcome is Outcome.LIMITED
    outcome, seen = run(open_(), text, RunOptions(resume=True))
    assert (outcome, seen.of("result")) == (Outcome.DONE, [8])


def test_a_time_limit_reached_inside_an_item_stops_the_loop_after_that_item(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    workspace = open_()

    def clock() -> float:
        return 60.0 * workspace.session.count("rotate")  # each rotated image takes a minute

    outcome, _ = run(workspace, LOOP, RunOptions(max_seconds=90.0), clock=clock)
    assert (outcome, made(cat.parent)) == (Outcome.LIMITED, ["m-1.png", "m-2.png"])
    assert [workspace.session.count(type_) for type_ in ("rotate", "save")] == [2, 2]


def test_a_loop_that_failed_in_part_and_was_stopped_is_resumed_item_by_item(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    late = damage(cat.parent / "late.png")
    text = 'list cat.png late.png cat.png cat.png | iterate as f | load @f | blur 1 | save "m-{index}.png"\n'
    outcome, seen = run(open_(), text, RunOptions(max_images=2))
    assert (outcome, len(seen.of("problem"))) == (Outcome.LIMITED, 1)
    assert made(cat.parent) == ["late.png", "m-1.png", "m-2.png"]
    late.write_bytes(cat.read_bytes())
    workspace = open_()
    outcome, seen = run(workspace, text, RunOptions(resume=True))
    assert (outcome, seen.of("problem")) == (Outcome.DONE, [])
    assert [workspace.session.count(type_) for type_ in ("blur", "save")] == [4, 4]
    assert made(cat.parent) == ["late.png", *(f"m-{n}.png" for n in range(1, 5))]


def test_a_deleted_image_of_an_unfinished_loop_is_saved_again_when_the_script_is_resumed(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    run(open_(), LOOP, RunOptions(max_images=3))
    (cat.parent / "m-2.png").unlink()
    outcome, _ = run(open_(), LOOP, RunOptions(resume=True))
    assert (outcome, made(cat.parent)) == (Outcome.DONE, [f"m-{n}.png" for n in range(1, 6)])


def test_images_in_a_loop_are_counted_when_they_are_saved(open_: Callable[[], Workspace]) -> None:
    _, seen = run(open_(), LOOP, observer=TallyRecorder())
    assert isinstance(seen, TallyRecorder)
    assert seen.tally is not None
    assert (seen.tally.images, seen.tally.saved) == (1, 5)


def test_cached_results_are_counted(open_: Callable[[], Workspace], cat: Path) -> None:
    run(open_(), SINGLE)
    for path in cat.parent.glob("?.png"):
        path.unlink()
    _, seen = run(open_(), SINGLE + "load cat.png | blur 9\n", observer=TallyRecorder())
    assert isinstance(seen, TallyRecorder)
    assert seen.tally is not None
    assert (seen.tally.done, seen.tally.cached, seen.tally.reused) == (4, 3, 0)
    assert (seen.tally.results, seen.tally.cached_results) == (8, 7)  # the `load` and `blur` nodes of each line


@dataclass
class Helper(Recorder):
    """Creates a missing file when the line that needs it fails."""

    file: Path | None = None
    after: int = 1

    def note(self, text: str) -> None:
        super().note(text)
        if self.file is not None and len(self.of("note")) == self.after:
            self.file.write_bytes((self.file.parent / "cat.png").read_bytes())


NEEDS_A_FILE = "load late.png | blur 1 | save a.png\nadd 1 2\n"
FAILURE = f"load (1): `late.png` {REASON}; trying again"


@pytest.mark.parametrize("after", [1, 2])
def test_a_line_that_fails_is_run_again(open_: Callable[[], Workspace], cat: Path, after: int) -> None:
    helper = Helper(file=damage(cat.parent / "late.png"), after=after)
    outcome, seen = run(open_(), NEEDS_A_FILE, RunOptions(retries=2), observer=helper)
    assert (outcome, seen.of("problem")) == (Outcome.DONE, [])
    assert seen.of("note") == [f"{FAILURE} ({n} of 2)" for n in range(1, after + 1)]
    assert made(cat.parent) == ["a.png", "late.png"]
    assert seen.shown[-1] == ("tally", (2, 0, 0))


def test_a_line_that_fails_at_every_attempt_is_reported_once(open_: Callable[[], Workspace], cat: Path) -> None:
    damage(cat.parent / "late.png")
    outcome, seen = run(open_(), NEEDS_A_FILE, RunOptions(retries=2, keep_going=True))
    assert outcome is Outcome.FAILED
    assert len(seen.of("problem")) == 1
    assert (len(seen.of("note")), seen.of("result")) == (2, [3])
    assert seen.shown[-1] == ("tally", (1, 1, 0))


def test_results_of_a_line_that_is_run_again_are_shown_once(open_: Callable[[], Workspace], cat: Path) -> None:
    text = "list cat.png late.png | iterate as f | load @f | blur 1 | save\n"
    helper = Helper(file=damage(cat.parent / "late.png"))
    outcome, seen = run(open_(), text, RunOptions(retries=1), observer=helper)
    assert (outcome, len(seen.of("result"))) == (Outcome.DONE, 2)


def test_a_line_that_is_cancelled_is_not_run_again(open_: Callable[[], Workspace]) -> None:
    outcome, seen = run(open_(), "add 1 2\n", RunOptions(retries=3), cancels="add 1 2")
    assert (outcome, seen.of("line")) == (Outcome.STOPPED, ["add 1 2"])
