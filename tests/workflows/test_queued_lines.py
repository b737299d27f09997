"""Lines that wait in the queue: they run later as they would have run at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from invocations import errors
from invocations.queueing.base import DONE, FAILED, QueueLimits
from invocations.queueing.coordinator import Coordinator
from workflows.workspace import Workspace

DEADLINE_S = 30.0
COUNTED = "range 1 101 | add 1,2,3 | length"  # 300 items, which is only known when it runs


@pytest.fixture
def coordinator(workspace: Workspace) -> Iterator[Coordinator]:
    made = Coordinator(workspace.invoker)
    made.start()
    yield made
    made.shutdown(0.0)


def enqueue(workspace: Workspace, coordinator: Coordinator, line: str) -> str:
    """Add a line to the session of a workspace, and return the id of the item that runs it."""
    plan = workspace.plan(line)
    return coordinator.enqueue_line(workspace.session_id, lambda item: workspace.add(plan, item=item)).id


def test_a_line_is_planned_now_and_runs_in_its_turn(workspace: Workspace, coordinator: Coordinator) -> None:
    coordinator.pause()
    first = enqueue(workspace, coordinator, "add 1 2 as three")
    second = enqueue(workspace, coordinator, "add @three 4")
    assert [line.text for line in workspace.session.lines] == ["add 1 2 as three", "add @three 4"]
    assert not workspace.session.results
    coordinator.pause(paused=False)
    assert [coordinator.wait(id_, DEADLINE_S).state for id_ in (first, second)] == [DONE, DONE]
    assert sorted(outputs["value"] for outputs in workspace.session.results.values()) == [3, 7]


def test_a_sweep_that_turns_out_to_be_too_large_fails(workspace: Workspace, coordinator: Coordinator) -> None:
    item = coordinator.wait(enqueue(workspace, coordinator, COUNTED), DEADLINE_S)
    assert (item.state, item.error and item.error.code) == (FAILED, "sweep_too_large")
    assert str(item.error and item.error.message) == "the sweep has 300 items"


def test_a_larger_sweep_may_be_allowed_for_one_line(workspace: Workspace, coordinator: Coordinator) -> None:
    plan = workspace.plan(COUNTED, most_items=300)
    item = coordinator.enqueue_line(workspace.session_id, lambda item: workspace.add(plan, item=item), most_items=300)
    assert coordinator.wait(item.id, DEADLINE_S).state == DONE


def test_a_line_is_not_added_if_the_queue_is_full(workspace: Workspace, coordinator: Coordinator) -> None:
    workspace.invoker.queue.limits = QueueLimits(items=0)
    plan = workspace.plan("add 1 2")
    with pytest.raises(errors.QueueFull):
        coordinator.enqueue_line(workspace.session_id, lambda item: workspace.add(plan, item=item))
    assert not workspace.session.lines
    assert coordinator.items() == []
