"""The session that a name means: an id, its first characters, `latest`, or the current one."""

from __future__ import annotations

import pytest

from tests.workflows.conftest import OpenWorkspace
from workflows.chosen_session import chosen_id, chosen_session
from workflows.problems import UsageError
from workflows.workspace import Workspace


@pytest.fixture
def ids(open_workspace: OpenWorkspace) -> list[str]:
    """Return the ids of two sessions, the latest last."""
    found = []
    for line in ("add 1 2", "add 3 4"):
        workspace = open_workspace()
        workspace.submit(workspace.plan(line)).finish()
        found.append(workspace.session.id)
    return found


@pytest.mark.parametrize("name", ["", "latest"])
def test_without_a_current_session_an_empty_name_means_the_latest_one(
    ids: list[str], workspace: Workspace, name: str
) -> None:
    assert chosen_id(workspace, name) == ids[-1]


def test_an_empty_name_means_the_current_session(ids: list[str], open_workspace: OpenWorkspace) -> None:
    workspace = open_workspace()
    workspace.submit(workspace.plan("add 5 6")).finish()
    assert chosen_id(workspace) == workspace.session.id
    assert chosen_id(workspace, ids[0]) == ids[0]


def test_the_first_characters_of_an_id_are_enough_if_they_fit_one_session(ids: list[str], workspace: Workspace) -> None:
    shared = next(ids[0][:end] for end in range(len(ids[0]), 0, -1) if ids[1].startswith(ids[0][:end]))
    assert chosen_session(workspace, ids[0][: len(shared) + 1]).id == ids[0]
    with pytest.raises(UsageError) as raised:
        chosen_id(workspace, shared)
    assert raised.value.message == f"`{shared}` matches 2 sessions"
    assert raised.value.hint is not None
    assert raised.value.hint.startswith("ambiguous id; type more of it: ")


def test_an_unknown_id_is_an_error_with_a_hint(ids: list[str], workspace: Workspace) -> None:
    with pytest.raises(UsageError) as raised:
        chosen_id(workspace, "zzz")
    assert (raised.value.message, raised.value.hint) == ("there is no session `zzz`", "`sessions` lists them")


def test_without_any_session_there_is_none_to_choose(workspace: Workspace) -> None:
    with pytest.raises(UsageError) as raised:
        chosen_id(workspace, "latest")
    assert (raised.value.message, raised.value.hint) == ("there are no sessions yet", "run a line first")
