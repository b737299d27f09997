"""Lines of a script that workers begin before their turn; the workers of these tests run in this process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from invocations.events import Event
from invocations.language.source import Source
from invocations.sessions.journal import LineEnded
from tests.workflows.recorder import Recorder
from tests.workflows.scripts.conftest import run
from tests.workflows.scripts.crew import SINGLE, Crew, made, outcomes
from workflows.line_run import LineRun
from workflows.observer import Outcome
from workflows.scripts.options import RunOptions
from workflows.workspace import Workspace

ALL = RunOptions(keep_going=True)
RESUME = RunOptions(resume=True)


def test_a_later_line_runs_while_an_earlier_one_waits_and_is_shown_in_its_turn(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 4}
    outcome, seen = run(workspace, SINGLE)
    assert (outcome, crew.done) == (Outcome.DONE, [2, 3, 4, 1, *crew.done[4:]])
    assert seen.of("line") == SINGLE.splitlines()
    assert [Path(image.path).name for image in seen.of("result")] == [f"{n}.png" for n in range(1, 9)]
    assert outcomes(workspace) == ["done"] * 8


def test_two_lines_for_each_worker_begin_early(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 5}
    ahead: list[float] = []

    class FirstLine(Recorder):
        def results(self, results: Sequence[object]) -> None:
            ahead.extend([] if ahead else crew.begun)

    run(workspace, SINGLE, observer=FirstLine())
    assert sorted(ahead) == [1, 2, 3, 4, 5]


def test_a_directive_runs_after_all_lines_before_it_and_before_all_lines_after_it(
    open_: Callable[[], Workspace],
) -> None:
    workspace = open_()
    crew = Crew(workspace)
    at: list[tuple[list[float], list[float], list[str], bool]] = []

    class Directives(Recorder):
        def directive(self, source: Source) -> Outcome:
            at.append((sorted(crew.begun), sorted(crew.done), outcomes(workspace), crew.in_use.locked()))
            workspace.memory.variables.let(["r", "=", "7"])
            return super().directive(source)

    text = "load cat.png | blur 1\nload cat.png | blur 2\nlet r = 7\nload cat.png | blur ${r}\nload cat.png | blur 4\n"
    outcome, _ = run(workspace, text, observer=Directives())
    assert (outcome, at) == (Outcome.DONE, [([1, 2], [1, 2], ["done", "done"], False)])
    assert sorted(crew.done) == [1, 2, 4, 7]


def test_a_failure_stops_the_lines_ahead_and_resuming_uses_what_they_had_finished(
    open_: Callable[[], Workspace], cat: Path
) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits, crew.fails = {1: 3}, Counter({1: 1})
    outcome, seen = run(workspace, SINGLE)
    assert (outcome, seen.of("problem"), seen.of("result")) == (
        Outcome.FAILED, ["night.inv:1:16: error: blur (2): no"], []
    )  # fmt: skip
    assert (outcomes(workspace), made(cat.parent)) == (["failed", "", "", "", ""], {})
    assert not crew.in_use.locked()
    later = open_()
    again = Crew(later)
    outcome, seen = run(later, SINGLE, RESUME)
    assert (outcome, outcomes(later)) == (Outcome.DONE, ["done"] * 8)
    assert set(made(cat.parent)) == {f"{n}.png" for n in range(1, 9)}
    assert Counter([*crew.done, *again.done]) == Counter(range(1, 9))
    assert {2, 3} <= {*crew.done}


def test_the_failure_of_a_later_line_is_reported_and_recorded_in_its_turn(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits, crew.fails = {1: 4}, Counter({3: 1})
    outcome, seen = run(workspace, SINGLE, ALL)
    assert (outcome, seen.of("problem")) == (Outcome.FAILED, ["night.inv:3:16: error: blur (8): no"])
    assert [kind for kind, _ in seen.shown if kind in ("result", "problem")] == [
        *["result"] * 2,
        "problem",
        *["result"] * 5,
    ]
    assert outcomes(workspace) == ["done", "done", "failed", *["done"] * 5]
    assert seen.shown[-1] == ("tally", (7, 1, 0))
    ends = [entry.number for entry in workspace.session.log if isinstance(entry, LineEnded)]
    assert ends == [*range(1, 9)]


def test_a_later_line_that_failed_early_is_not_recorded_as_failed_if_an_earlier_one_ends_the_script(
    open_: Callable[[], Workspace],
) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits, crew.fails = {1: 4}, Counter({1: 1, 3: 1})
    outcome, seen = run(workspace, SINGLE)
    assert (outcome, len(seen.of("problem")), outcomes(workspace)[:3]) == (Outcome.FAILED, 1, ["failed", "", ""])
    assert {key[0] for key in workspace.session.errors} == {"2"}
    assert not workspace.session.begun


def test_a_line_is_tried_again_while_later_lines_go_on(open_: Callable[[], Workspace], cat: Path) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits, crew.fails = {1: 3}, Counter({1: 2, 4: 1})
    outcome, seen = run(workspace, SINGLE, RunOptions(retries=2))
    assert (outcome, seen.of("problem"), outcomes(workspace)) == (Outcome.DONE, [], ["done"] * 8)
    tries = [("2", 1), ("2", 2), ("11", 1)]
    assert seen.of("note") == [f"blur ({node}): no; trying again ({number} of 2)" for node, number in tries]
    assert Counter(crew.done) == Counter(range(1, 9))
    assert len(made(cat.parent)) == 8


def test_a_line_that_needs_a_failed_one_is_reported_in_its_turn(open_: Callable[[], Workspace]) -> None:
    text = "load cat.png | blur 1 as one\nload cat.png | blur 2\nblur 3 --image @one\nload cat.png | blur 4\n"
    workspace = open_()
    crew = Crew(workspace)
    crew.fails = Counter({1: 1})
    outcome, seen = run(workspace, text, ALL)
    reason = "it needs `2`, which failed or did not run"
    assert (outcome, [each.splitlines()[0] for each in seen.of("problem")]) == (
        Outcome.FAILED, ["night.inv:1:16: error: blur (2): no", f"night.inv:3:1: error: blur (5) was not run: {reason}"]
    )  # fmt: skip
    assert outcomes(workspace) == ["failed", "done", "failed", "done"]


def test_a_line_that_needs_one_that_succeeds_when_it_is_tried_again_runs(open_: Callable[[], Workspace]) -> None:
    text = "load cat.png | blur 1 as one\nblur 3 --image @one\nload cat.png | blur 4\n"
    workspace = open_()
    crew = Crew(workspace)
    crew.fails = Counter({1: 1})
    outcome, seen = run(workspace, text, RunOptions(retries=1))
    assert (outcome, seen.of("problem"), outcomes(workspace)) == (Outcome.DONE, [], ["done"] * 3)


def test_no_more_images_are_saved_than_allowed(open_: Callable[[], Workspace], cat: Path) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 5}
    outcome, seen = run(workspace, SINGLE, RunOptions(max_images=2))
    assert (outcome, seen.of("note")) == (Outcome.LIMITED, ["stopped: the limit of 2 images is reached"])
    assert (set(made(cat.parent)), outcomes(workspace)[:3]) == ({"1.png", "2.png"}, ["done", "done", ""])
    assert seen.shown[-1] == ("tally", (2, 0, 0))
    outcome, _ = run(open_(), SINGLE, RESUME)
    assert (outcome, len(made(cat.parent))) == (Outcome.DONE, 8)


@pytest.mark.parametrize("abandons", [False, True])
def test_a_cancelled_script_stops_all_lines_and_its_nodes_do_not_count_as_crashed(
    open_: Callable[[], Workspace], cat: Path, abandons: bool
) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {2: 99, 3: 99}

    class Impatient(Recorder):
        def line_started(self, run: LineRun) -> None:
            super().line_started(run)
            self.run = run

        def event(self, event: Event) -> None:
            both = {("5", ()), ("8", ())} <= workspace.session.begun  # the blurs of lines 2 and 3
            if both and "blur 2" in self.run.text and not self.of("cancel"):
                self.shown.append(("cancel", None))
                if abandons:
                    self.run.abandon()
                self.run.cancel()

    outcome, seen = run(workspace, SINGLE, observer=Impatient())
    assert (outcome, len(seen.of("stopped"))) == (Outcome.STOPPED, 1)
    assert outcomes(workspace)[:3] == ["done", "cancelled", ""]
    later = open_()
    assert not later.invoker.open(workspace.session_id).begun
    outcome, _ = run(later, SINGLE, RESUME)
    assert (outcome, outcomes(later), len(made(cat.parent))) == (Outcome.DONE, ["done"] * 8, 8)


def test_events_of_later_lines_show_what_is_in_progress_and_their_results_wait(open_: Callable[[], Workspace]) -> None:
    workspace = open_()
    crew = Crew(workspace)
    crew.waits = {1: 4}
    stream: list[tuple[str, str]] = []

    class Stream(Recorder):
        def event(self, event: Event) -> None:
            stream.append((event.event, event.node_id))

    run(workspace, SINGLE, observer=Stream())
    first = stream.index(("node_finished", "2"))
    assert stream.index(("node_started", "11")) < stream.index(("node_assigned", "11")) < first
    done = [node for kind, node in stream if kind == "node_finished"]
    assert done == [str(n) for n in range(1, 25)]
