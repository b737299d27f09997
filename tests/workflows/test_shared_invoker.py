"""Several workspaces share one invoker, for example one for each session of a server."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from invocations.errors import SessionChanged
from workflows.workspace import Workspace


@pytest.fixture
def server(isolated_home: Path, tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path, home=isolated_home) as workspace:
        yield workspace


def test_a_workspace_with_a_shared_invoker_runs_lines_and_leaves_it_open(server: Workspace, tmp_path: Path) -> None:
    with Workspace.open(tmp_path, invoker=server.invoker) as other:
        assert other.run("add 1 2")[0].value == 3
        assert other.catalog is server.catalog
        assert other.lookup is server.invoker.services
    assert server.run("add 3 4")[0].value == 7
    assert server.session_id != other.session_id


def test_a_sibling_reads_no_settings_again_and_shares_everything_but_the_session(server: Workspace) -> None:
    with server.sibling() as one, server.sibling() as two:
        assert one.settings is two.settings is server.settings
        assert one.invoker is two.invoker is server.invoker
        assert one.lookup is two.lookup
        one.run("add 1 2 | add 3 as six")
        assert one.session_id != two.session_id
        assert two.memory.scope is not one.memory.scope
    with server.sibling(one.session_id) as again:
        assert again.run("add @six 1")[0].value == 7


def test_siblings_run_lines_at_the_same_time(server: Workspace) -> None:
    def run(number: int) -> list[object]:
        with server.sibling() as workspace:
            return [workspace.run(f"add {number} {more}")[0].value for more in range(5)]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(run, range(16)))
    assert found == [[number + more for more in range(5)] for number in range(16)]


def test_a_sibling_refuses_a_line_until_it_knows_the_lines_of_others(server: Workspace) -> None:
    with server.sibling() as one, server.sibling(one.session_id) as two:
        plan = two.plan("add 1 1")
        one.run("add 5 6 as eleven")
        with pytest.raises(SessionChanged):
            two.submit(plan)
        assert two.replanning(plan, two.submit).finish()[0].value == 2
        assert two.run("add @eleven 1")[0].value == 12
        assert one.run("add @3 1")[0].value == 13
        assert len(server.invoker.open(one.session_id).lines) == 4


def test_two_siblings_may_add_to_one_session_at_once(server: Workspace) -> None:
    session_id = server.sibling().session_id

    def add(number: int) -> None:
        with server.sibling(session_id) as workspace:
            for more in range(5):
                workspace.replanning(workspace.plan(f"add {number} {more}"), workspace.add)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add, range(4)))
    assert len(server.invoker.open(session_id).lines) == 20


def test_a_prepared_workspace_has_everything_that_threads_share(server: Workspace) -> None:
    server.prepare()
    assert {"settings", "invoker", "lookup"} <= server.__dict__.keys()
    assert "models" in server.invoker.services.__dict__
    assert "models" in server.lookup.__dict__
    assert server.run("add 1 2")[0].value == 3
