"""Charts built from sessions and plans, and the labels shown in their boxes."""

from __future__ import annotations

import pytest

from invocations.catalog.snapshot import built_in
from invocations.graph.node import Node
from invocations.sessions.journal import Began
from invocations.sessions.session import Extension, Session
from workflows.charts.build import Material
from workflows.charts.chart import DONE, FAILED, REUSED, RUNNING, Box


def test_a_box_has_a_title_and_a_status() -> None:
    statuses = {
        Box("1", "t2i", state=DONE, seconds=1.25).status: "done, 1.2 s",
        Box("1", "t2i", state=FAILED, counts={DONE: 4, FAILED: 1}).status: "4 done, 1 failed",
        Box("1", "t2i", state=REUSED, counts={REUSED: 5}).status: "cached 5 times",
        Box("1", "t2i", nodes=("a", "b", "c"), finished=2).status: "not run, 2 of 3 nodes done",
        Box("1", "t2i", state=RUNNING).status: "running",
    }
    assert list(statuses) == list(statuses.values())
    assert Box("1.noise", "noise").title == "1.noise"
    assert Box("1", "t2i", "fox").title == "1 t2i as fox"


@pytest.mark.parametrize(("running", "state"), [(True, "running"), (False, "not run")])
def test_a_started_node_is_shown_as_running_only_while_its_session_is_in_use(running: bool, state: str) -> None:
    session = Session("s", 0.0, built_in().get)
    session.apply(Extension((Node("1", "add", {"a": 1, "b": 2}), Node("2", "mul", {"a": 1, "b": 2}))))
    session.apply(Began("1", "add", (), 0.0))
    material = Material(lambda kind: "")
    material.add_session(session, running=running)
    assert [box.state for box in material.chart().boxes] == [state, "not run"]
