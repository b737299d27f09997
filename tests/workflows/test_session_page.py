"""A session is shown as rows and as data: its lines, its nodes and their results."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest

from invocations.storing.base import LineInfo
from workflows.problems import LineFailed
from workflows.session_page import how, line_rows, node_rows, session_data, shown
from workflows.workspace import Workspace


@pytest.fixture
def ran(workspace: Workspace) -> Workspace:
    """Return a workspace in which a sum, a loop, a long list and a division by zero have run."""
    for line in ("add 1 2", "list 1 2 | iterate | mul 2", "range 0 50", "div 1 0 | add 1"):
        with suppress(LineFailed):
            workspace.submit(workspace.plan(line)).finish()
    return workspace


def test_each_line_has_a_row_with_its_outcome_and_its_duration() -> None:
    lines = [
        LineInfo("s", 1, "add 1 2 ", seconds=0.012, outcome="done"),
        LineInfo("s", 2, "t2i a fox", seconds=61.0, outcome="cancelled"),
        LineInfo("s", 3, "t2i a cat"),
    ]
    assert line_rows(lines) == (
        ("1", "add 1 2", "done 12 ms"),
        ("2", "t2i a fox", "interrupted 1 min 01 s"),
        ("3", "t2i a cat", "unfinished"),
    )


@pytest.mark.parametrize(("outcome", "text"), [("", "unfinished"), ("cancelled", "interrupted"), ("failed", "failed")])
def test_a_cancelled_line_is_called_interrupted_and_an_open_one_unfinished(outcome: str, text: str) -> None:
    assert shown(outcome) == text
    assert how(outcome, 2.0) == (f"{text} 2.0 s" if outcome else text)


def test_each_run_of_a_node_has_a_row_with_its_results_or_why_there_are_none(ran: Workspace) -> None:
    assert node_rows(ran.session) == (
        ("1", "add", "value 3"),
        ("2", "list", "collection [1, 2]"),
        ("3[0]", "iterate", "item 1"),
        ("3[1]", "iterate", "item 2"),
        ("4[0]", "mul", "value 2"),
        ("4[1]", "mul", "value 4"),
        ("5", "range", f"collection {str([*range(50)])[:59]}…"),
        ("6", "div", "failed: division by zero"),
        ("7", "add", "not run"),
    )


def test_the_data_of_a_session_can_be_converted_to_json(ran: Workspace) -> None:
    data = json.loads(json.dumps(session_data(ran.session)))
    assert data["id"] == ran.session.id
    assert [line["line"] for line in data["lines"]] == [line.text for line in ran.session.lines]
    assert {"node": "4", "path": [1], "outputs": {"value": 4}} in data["results"]
    assert [(each["node"], each["path"], each["message"]) for each in data["errors"]] == [("6", [], "division by zero")]
