"""The report of a run, collected from its events."""

from __future__ import annotations

import pytest

from invocations.events import NodeError, NodeFailed, NodeFinished
from tests.workflows.recorder import Recorder
from workflows.line_run import LineRun
from workflows.observer import Observer
from workflows.run_report import RunReport
from workflows.workspace import Workspace


def report(workspace: Workspace, line: str, observer: Observer) -> RunReport:
    run = workspace.submit(workspace.plan(line))
    observer.line_started(run)
    return observer.follow(run)


def test_finished_nodes_are_not_in_the_report_and_every_event_is_passed_on(workspace: Workspace) -> None:
    seen = Recorder()
    found = report(workspace, "add 1 2 | mul 3", seen)
    assert (found.failures, found.blocked, found.stopped) == ([], [], False)
    assert found.problems() == []
    assert seen.of("event").count("NodeFinished") == 2


def test_a_failure_is_reported_without_the_nodes_that_it_blocks(workspace: Workspace) -> None:
    found = report(workspace, "add 1 2 | div 0 | mul 3", Observer())
    assert len(found.failures) == 1
    (problem,) = found.problems()
    assert (problem.node, "division by zero" in problem.text) == ("2", True)


def test_a_node_that_depends_on_an_earlier_failure_is_reported_as_blocked(workspace: Workspace) -> None:
    report(workspace, "add 1 2 | div 0", Observer())
    found = report(workspace, "| mul 3", Observer())
    assert (found.failures, [event.node_id for event in found.blocked]) == ([], ["3"])
    (problem,) = found.problems()
    assert problem.code == "not_run"


@pytest.mark.parametrize(
    ("own", "shown"),
    [
        ("make it smaller", "make it smaller\n`retry` runs the failed items again"),
        ("try again with `retry`", "try again with `retry`"),
        ("", "`retry` runs the failed items again"),
    ],
)
def test_retry_is_recommended_once(own: str, shown: str) -> None:
    error = NodeError("SetAside", "it failed", "set_aside", own)
    failures = [NodeFailed("s", "1", "blur", (number,), 0.0, error, 0.0) for number in range(2)]
    found = RunReport(failures=failures)
    assert found.problems(hint="`retry` runs the failed items again")[-1].hint == shown


def test_a_cancelled_run_is_reported_as_stopped(workspace: Workspace) -> None:
    assert report(workspace, "add 1 2", Recorder(cancels="add 1 2")).stopped


def stopped_after(workspace: Workspace, line: str, node: str, count: int) -> LineRun:
    """Run a line until a node has `count` results."""
    seen: list[str] = []

    def until(event: NodeFinished) -> bool:
        seen.append(event.node_id)
        return seen.count(node) >= count

    run = workspace.submit(workspace.plan(line), until=until)
    assert Observer().follow(run).stopped
    return run


@pytest.mark.parametrize(
    ("line", "node", "count", "loop"),
    [
        ("add 1..4 2 | mul 3", "2", 2, ("2", 2, 4)),
        ("add 1..4 2 | mul 3", "1", 1, ("2", 0, 4)),
        ("add 1..4 2 | mul 3,5 | length", "2", 3, ("2", 3, 8)),
        ("add 1..4 2 | length | add 1", "2", 1, None),
        ("add 1 2 | mul 3", "1", 1, None),
    ],
)
def test_an_interrupted_loop_is_counted_in_items(
    workspace: Workspace, line: str, node: str, count: int, loop: tuple[str, int, int] | None
) -> None:
    assert stopped_after(workspace, line, node, count).open_loop == loop


@pytest.mark.parametrize(
    ("line", "texts"),
    [
        ("div 1,2,3 0", ["a 1", "a 2", "a 3"]),
        ("div 1..20 0", ["a 1 and 19 more items"]),
        ("div 1 --b 0,0,0,0,1", ["b 0 and 3 more items"]),
    ],
)
def test_many_items_that_fail_alike_are_described_together(workspace: Workspace, line: str, texts: list[str]) -> None:
    run = workspace.submit(workspace.plan(line))
    found = Observer().follow(run)
    problems = found.problems(run.session, hint="try again")
    assert [each.message for each in problems] == [f"div (1) for {text}: division by zero" for text in texts]
    assert [each.hint for each in problems] == [*[None] * (len(texts) - 1), "try again"]
