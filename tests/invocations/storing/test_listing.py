"""Lists of sessions and lines, with sizes, outcomes and filters."""

from __future__ import annotations

import pytest

from invocations.events import NodeFinished
from invocations.sessions.session import LineEnded
from invocations.storing.base import LineInfo, SessionFilter
from invocations.storing.local import LocalStore
from tests.invocations.storing.logs import lined


def test_all_lines_are_listed_with_their_outcomes(store):
    store.create("s", 1.0)
    store.append("s", *lined("add 1 2", "div 1 0!", "Über b?"))
    store.create("t", 1.0)
    store.append("t", *lined("T2I fox", time=11.5))
    assert [(each.session, each.number, each.text, each.outcome) for each in store.lines()] == [
        ("s", 1, "add 1 2", "done"), ("s", 2, "div 1 0", "failed"), ("t", 1, "T2I fox", "done"), ("s", 3, "Über b", ""),
    ]  # fmt: skip
    assert store.lines()[0] == LineInfo("s", 1, "add 1 2", "x.inv:1", 11.0, 0.5, "done")
    store.append("s", LineEnded(2, 1.0, "done"))  # the line was retried
    assert [(each.seconds, each.outcome) for each in store.lines(SessionFilter(session="s"))] == [
        (0.5, "done"), (1.5, "done"), (0.0, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "lines", "sessions"),
    [
        (SessionFilter(), ["add 1 2", "div 1 0", "Über b", "T2I fox"], ["t", "s"]),
        (SessionFilter(limit=2), ["Über b", "T2I fox"], ["t", "s"]),
        (SessionFilter(limit=0), [], []),
        (SessionFilter(words=("ÜBER", "b")), ["Über b"], ["s"]),
        (SessionFilter(words=("add", "div")), [], []),
        (SessionFilter(words=("fox",)), ["T2I fox"], ["t"]),
        (SessionFilter(words=("%",)), [], []),
        (SessionFilter(failed=True), ["div 1 0"], ["s"]),
        (SessionFilter(failed=True, words=("add",)), [], []),
        (SessionFilter(since=13.5), ["T2I fox"], ["t"]),
        (SessionFilter(session="s"), ["add 1 2", "div 1 0", "Über b"], ["s"]),
    ],
)
def test_lines_and_sessions_are_filtered(store, wanted, lines, sessions):
    store.create("s", 1.0)
    store.append("s", *lined("add 1 2", "div 1 0!", "Über b"))
    store.create("t", 1.0)
    store.append("t", *lined("T2I fox", time=13.0))
    assert [each.text for each in store.lines(wanted)] == lines
    assert [each.id for each in store.infos(wanted)] == sessions


def test_a_session_is_listed_with_its_size(store, tmp_path):
    store.create("s", 1.0)
    assert (store.infos()[0].nodes, store.infos()[0].failed, store.infos()[0].bytes) == (0, 0, 0)
    store.append("s", *lined("add 1 2", "div 1 0!"))
    store.append("s", NodeFinished("s", "1", "number", (), 13.0, {"value": 1}, 0.5, False, {}))
    info = store.infos()[0]
    assert (info.entries, info.lines, info.nodes, info.failed) == (5, 2, 2, 1)
    if isinstance(store, LocalStore):
        (length,) = store._read("select sum(length(data)) from entries")[0]
        assert info.bytes == length > 0
