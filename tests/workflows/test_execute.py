"""Lines run in a workspace, and an observer is notified."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from invocations.language.source import Source
from tests.workflows.conftest import OpenWorkspace
from tests.workflows.recorder import Recorder
from workflows.execute import guarded, problems_of, run_plan, run_planned
from workflows.observer import Outcome
from workflows.problems import UsageError
from workflows.workspace import Workspace

IMPOSSIBLE = "add 1 2 | div 0"


def test_a_line_runs_and_the_observer_is_shown_its_results(workspace: Workspace) -> None:
    seen = Recorder()
    assert run_plan(workspace, workspace.plan("add 1 2 | mul 3"), seen) is Outcome.DONE
    assert (seen.shown[0], seen.shown[-1]) == (("line", "add 1 2 | mul 3"), ("result", 9))


def test_the_report_of_a_failed_node_points_at_its_command(workspace: Workspace) -> None:
    seen = Recorder()
    assert run_plan(workspace, workspace.plan(Source("a.inv", IMPOSSIBLE, 4)), seen) is Outcome.FAILED
    (problem,) = seen.of("problem")
    assert "division by zero" in problem
    assert "a.inv:4:11" in problem


def test_a_cancelled_line_is_reported_as_stopped(workspace: Workspace) -> None:
    seen = Recorder(cancels="add 1 2")
    assert run_plan(workspace, workspace.plan("add 1 2"), seen) is Outcome.STOPPED
    assert seen.of("stopped") == ["add 1 2"]


def test_ctrl_c_before_the_first_event_cancels_the_line_that_was_added(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recorder, "line_started", interrupt)
    with pytest.raises(KeyboardInterrupt):
        run_plan(workspace, workspace.plan("add 1 2"), Recorder())
    assert [line.outcome for line in workspace.session.lines] == ["cancelled"]


def test_ctrl_c_while_a_program_reads_the_events_ends_the_run_before_it_is_raised(workspace: Workspace) -> None:
    run = workspace.submit(workspace.plan("range 1 50 | iterate | add 1 | collect"))
    with pytest.raises(KeyboardInterrupt):
        run.finish(interrupt)
    assert [line.outcome for line in workspace.session.lines] == ["cancelled"]
    assert not workspace.session.running.locked()
    (result,) = workspace.resume(workspace.session, [1]).finish()
    assert sum(result.value) == sum(range(2, 51))


def interrupt(*_: object) -> None:
    """Raise what Ctrl-C raises in a Python program."""
    raise KeyboardInterrupt


def test_warnings_are_shown_before_the_line_runs(workspace: Workspace) -> None:
    seen = Recorder()
    run_plan(workspace, workspace.plan("model | model default"), seen)
    assert seen.shown[0][0] == "warning"


def test_a_line_that_was_added_without_being_run_is_run_when_a_later_line_needs_it(workspace: Workspace) -> None:
    seen = Recorder()
    workspace.add(workspace.plan("add 1 2"))
    run_plan(workspace, workspace.plan("| mul 3"), seen)
    assert seen.of("result") == [9]


def test_a_line_is_planned_again_if_another_process_has_added_a_line(open_workspace: OpenWorkspace) -> None:
    one, other = open_workspace(), open_workspace()
    one.run("add 1 2")
    other.attach(one.session_id)
    plan = other.plan("| mul 2")
    one.run("add 5 5")
    seen = Recorder()
    assert run_planned(other, plan, seen) is Outcome.DONE
    assert seen.of("result") == [20]


def test_known_errors_are_reported_and_unexpected_ones_are_raised(workspace: Workspace) -> None:
    seen, source = Recorder(), Source(None, "add one 2")

    def refuse() -> Outcome:
        workspace.plan(source)
        return Outcome.DONE

    def bug() -> Outcome:
        raise ZeroDivisionError

    assert guarded(source, seen, refuse) is Outcome.REFUSED
    assert seen.of("problem")[0].startswith("error: `a` takes")
    with pytest.raises(ZeroDivisionError):
        guarded(source, seen, bug)


def test_problems_name_the_file_line_and_column_in_the_script(workspace: Workspace) -> None:
    source = Source("a.inv", "  add one 2", 7)
    with pytest.raises(Refusal) as refused:
        workspace.plan(source)
    assert "a.inv:7:7" in problems_of(refused.value, source)[0].text
    assert "a.inv:7:3" in problems_of(UsageError("no"), source)[0].text
