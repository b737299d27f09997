"""A closed workspace runs no lines; a session that is opened again keeps its hints."""

from __future__ import annotations

import pytest

from invocations.language.errors import Refusal
from tests.workflows.conftest import OpenWorkspace
from workflows.problems import UsageError
from workflows.workspace import Workspace


def test_a_closed_workspace_runs_no_lines(workspace: Workspace) -> None:
    plan = workspace.plan("add 1 2")
    workspace.run("add 1 2")
    session = workspace.session
    workspace.close()
    workspace.close()
    for run in (
        lambda: workspace.run("add 1 2"),
        lambda: workspace.submit(plan),
        lambda: workspace.add(plan),
        lambda: workspace.submit_graph(workspace.graph()),
        lambda: workspace.resume(session, [1]),
        lambda: workspace.step(session),
    ):
        with pytest.raises(UsageError, match="the workspace is closed and cannot run lines"):
            run()


def test_a_reopened_session_still_hints_at_a_name_that_was_read_as_part_of_a_prompt(
    workspace: Workspace, open_workspace: OpenWorkspace
) -> None:
    workspace.add(workspace.plan("t2i a man dressed as santa"))
    workspace.add(workspace.plan("t2i a house as h --seed 1"))
    other = open_workspace()
    other.attach(workspace.session_id)
    for name, number in (("santa", 1), ("h", 2)):
        with pytest.raises(Refusal) as caught:
            other.plan(f"blur --image @{name}")
        assert caught.value.errors[0].hint == (
            f"`as {name}` was read as part of the text of `t2i`:"
            f" write @{number}, or name the stage with `t2i --as {name}`"
        )
    with pytest.raises(Refusal) as caught:
        other.plan("blur --image @man")
    assert "part of the text" not in str(caught.value.errors[0].hint)
