"""What `explain` tells about a line, as data for any application."""

from __future__ import annotations

from workflows.explanation import explain, reuse_forecast
from workflows.workspace import Workspace


def test_an_explanation_has_the_plan_and_what_the_line_will_cost(workspace: Workspace) -> None:
    data = explain(workspace, workspace.plan("t2i a fox --seed 1..3"), ("a note",)).data()
    assert data["images"] == 3
    assert data["cached_images"] == 0
    assert data["notes"][-1] == "a note"
    assert [need["model"] for need in data["memory"]] == ["default"]
    assert data["seconds"] is None


def test_the_forecast_says_why_each_node_would_run_or_be_reused(workspace: Workspace) -> None:
    workspace.run("add 1 2")
    plan = workspace.plan("add 1 2 | mul 3 | add 4")
    found = reuse_forecast(workspace, plan)
    assert [(each.node, each.reused) for each in found] == [("2", True), ("3", False), ("4", False)]
    assert found[0].why == "the result is cached"
    assert found[2].why == "the inputs are not known until `3` has run"


def test_the_results_of_earlier_lines_are_known_to_the_forecast(workspace: Workspace) -> None:
    workspace.run("add 1 2 as x")
    workspace.run("mul @x 3")
    again = reuse_forecast(workspace, workspace.plan("mul @x 3"))
    assert [each.reused for each in again] == [True]


def test_without_a_cache_there_is_no_forecast(workspace: Workspace) -> None:
    workspace.invoker.cache = None
    assert reuse_forecast(workspace, workspace.plan("add 1 2")) == []
