"""Checkers of lines that several clients use at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from invokeai_web.line_checkers import LineCheckers
from invokeai_web.server import Server
from workflows.editing.check import check_text

LINES = ("t2i a red fox --steps {} | blur 2", "sweep seed=1..4 | t2i a fox --steps {}", "i2i house a fox --steps {}")
THREADS = 8


def checked(server: Server, session: str, text: str) -> dict[str, Any]:
    with server.checkers.of(session) as checker:
        return check_text(checker, text, len(text), checker.exposed)


def test_checks_in_several_threads_are_those_of_one(server: Server) -> None:
    sessions = ["", *(server.invoker.create().id for _ in range(3))]
    work = [(session, line.format(steps)) for steps in range(1, 16) for line in LINES for session in sessions]
    alone = [checked(server, *each) for each in work]
    server.checkers.forget()
    with ThreadPoolExecutor(THREADS) as threads:
        together = list(threads.map(lambda each: checked(server, *each), work))
    assert together == alone


def test_a_checker_is_kept_while_its_session_is_in_use(server: Server) -> None:
    session = server.invoker.create().id
    with server.checkers.of(session) as checker:
        first = checker
    with server.checkers.of(session) as checker:
        assert checker is first
    server.checkers.forget()
    with server.checkers.of(session) as checker:
        assert checker is not first


def test_names_are_looked_up_again_after_a_while(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = ["house"]
    checkers = LineCheckers(server.workspace, server.workspace_of, shelf=lambda: tuple(shelf))
    with checkers.of() as checker:
        assert [each.name for each in checker.entries("")] == ["house"]
        assert checker.entries("/etc/") == checker.entries("..") == ()
        checker.check("add 1 2")
    monkeypatch.setattr("invokeai_web.line_checkers.FRESH_S", 0.0)
    with checkers.of() as again:
        assert again is checker
        assert again._checked is None
