"""`session` and `stats` for a long session: they neither replay its log nor list every node."""

from __future__ import annotations

from collections import deque
from pathlib import Path

import pytest

from benchmarks.long_sessions import additions
from invocations.local import LocalSettings, local_invoker
from invocations.storing.entries import entry_from_json
from tests.invokeai_cli.conftest import TypeLine
from tests.steps import calls_of

COUNT = 1200


@pytest.fixture
def long_session(isolated_home: Path) -> str:
    """Store a session with one line of 1200 nodes and 120 lines without nodes; return its id."""

    invoker = local_invoker(LocalSettings(isolated_home / "data", isolated_home / "cache", isolated_home))
    session = invoker.create()
    invoker.extend(session.id, additions(COUNT))
    deque(invoker.run(session.id, reuse=False), maxlen=0)
    for _ in range(120):
        invoker.extend(session.id, additions(0))
    invoker.close()
    return session.id


def test_only_the_latest_lines_of_a_long_session_are_shown(type_: TypeLine, long_session: str) -> None:
    lines = type_("session", "show", long_session).out.splitlines()
    assert lines[0].split() == ["line"]
    assert (lines[1].split()[0], len(lines)) == ("22", 105)
    assert lines[-3].startswith(f"session {long_session}, started ")
    assert lines[-2:] == [
        f"the latest 100 of 121 lines; {COUNT} nodes",
        f"`session show {long_session} --all` lists every node and its results",
    ]


def test_all_lines_of_a_long_session_can_be_listed_on_request(type_: TypeLine, long_session: str) -> None:
    listed = type_("session", "show", "latest", "--all").out.splitlines()
    assert sum(line.endswith("value 2") for line in listed) == COUNT
    assert len(type_("session", "show", "--json").document["results"]) == COUNT


def test_the_stats_of_a_long_session_list_the_nodes_that_took_the_longest(type_: TypeLine, long_session: str) -> None:
    lines = type_("stats").out.splitlines()
    assert lines[-2] == f"the 100 of {COUNT} nodes that took longest; `stats --json` lists all"
    numbers = [int(line.split()[0]) for line in lines[1:101]]
    assert numbers == sorted(numbers)
    assert lines[103].split()[:5] == ["all", "add", "run", str(COUNT), "x"]
    assert len(type_("stats", "--json").document["nodes"]) == COUNT


@pytest.mark.parametrize("words", [("session",), ("stats",), ("stats", "--json"), ("sessions",)])
def test_the_log_of_a_long_session_is_not_read(type_: TypeLine, long_session: str, words: tuple[str, ...]) -> None:
    assert calls_of(entry_from_json, lambda: type_(*words)) == 0
