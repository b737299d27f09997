"""Workspaces of sessions: one for each session, used by one thread at a time, and not more than a limit."""

from __future__ import annotations

import threading

import pytest

from invocations.errors import SessionMissing
from invokeai_web.server import Server
from invokeai_web.session_workspaces import SessionWorkspaces


def test_a_line_sees_the_stages_of_earlier_lines_of_its_session(server: Server) -> None:
    session = server.invoker.create().id
    with server.workspace_of(session) as workspace:
        workspace.run("add 1 2 as three")
    with server.workspace_of(session) as workspace:
        assert [result.value for result in workspace.run("add @three 1")] == [4]
    assert not server.workspace.has_session


def test_all_workspaces_share_the_invoker_of_the_server(server: Server) -> None:
    with server.workspace_of(server.invoker.create().id) as one, server.workspace_of(server.invoker.create().id) as two:
        assert one is not two
        assert one.invoker is two.invoker is server.invoker


def test_a_missing_session_is_refused_and_leaves_nothing(server: Server) -> None:
    for _ in range(2):
        with pytest.raises(SessionMissing), server.workspace_of("2026-01-01-000000-aaaa"):
            pass
    assert len(server.workspaces) == 0


def test_the_least_recently_used_workspaces_are_dropped_but_none_in_use(server: Server) -> None:
    workspaces = SessionWorkspaces(server.workspaces._make, most=2)
    ids = [server.invoker.create().id for _ in range(4)]
    with workspaces.of(ids[0]) as first:
        for session in ids[1:]:
            with workspaces.of(session):
                pass
        assert len(workspaces) == 2
        with workspaces.of(ids[0]) as again:
            assert again is first


def test_two_threads_use_the_workspace_of_a_session_one_after_the_other(server: Server) -> None:
    session, inside, most = server.invoker.create().id, [0], [0]

    def use() -> None:
        for _ in range(20):
            with server.workspace_of(session) as workspace:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                workspace.plan("add 1 2")
                inside[0] -= 1

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == ([1], [0])
