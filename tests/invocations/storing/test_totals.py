"""The totals of a session's runs, which every store computes without replaying the log."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from invocations.errors import SessionDamaged, SessionMissing
from invocations.events import NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.sessions.session import Extension, LineEnded
from invocations.storing.base import SessionStore
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from invocations.storing.totals import RunTotals

ADD = NodeFinished("s", "1", "add", (), 1.0, {"value": 3}, 0.5, False, {})
BLUR = NodeFinished("s", "2", "blur", (0,), 1.0, {"value": '"bytes":'}, 2.0, False, {}, 900, 100, 7)
LOG = (
    Extension((), (), line="add 1 2", time=1.0),
    ADD,
    BLUR,
    replace(BLUR, path=(1,), seconds=0.25, peak_bytes=800, grown_bytes=300, device_bytes=0),
    replace(BLUR, path=(2,), seconds=0.0, reused=True, peak_bytes=0, grown_bytes=0, device_bytes=0),
    NodeSkipped("s", "4", "show", (), 1.0, "1 failed"),
    NodeFailed("s", "3", "add", (), 1.0, NodeError("node_failed", "no"), 0.125),
    LineEnded(1, 2.5, "failed"),
    LineEnded(1, 0.5, "done"),
)


@pytest.fixture(params=["memory", "file"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SessionStore]:
    """Yield each kind of store in turn, with one session."""
    store: SessionStore = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "s.sqlite")
    store.create("s", 1.0)
    for entry in LOG:
        store.append("s", entry)
    store.create("other", 1.0, [Extension((), (), line="add 1 2", time=1.0)])
    store.append("other", ADD)
    yield store
    store.close()


def test_the_totals_of_runs_are_computed_by_node_and_by_command(kept: SessionStore) -> None:
    totals = kept.totals("s")
    blur = ("blur", 2, 1, 0, 2.25, 900, 300, 7)
    assert totals.nodes == (
        RunTotals("1", "add", 1, 0, 0, 0.5),
        RunTotals("2", *blur),
        RunTotals("3", "add", 1, 0, 1, 0.125),
    )
    assert totals.commands == (RunTotals("", *blur), RunTotals("", "add", 2, 0, 1, 0.625))
    assert (totals.node_count, totals.seconds) == (3, 3.0)


WORK = {"worker": "w2", "device": "cuda:1", "queue_seconds": 0.5, "load_seconds": 2.0, "batch": 4}


def test_the_totals_add_up_waiting_and_loading_and_list_the_workers(kept: SessionStore) -> None:
    kept.append("s", replace(BLUR, **WORK))
    kept.append("s", replace(BLUR, **WORK | {"worker": "w1", "device": "cuda:0", "batch": 2}))
    found = kept.totals("s").commands[0]
    assert (found.batch, found.queue_seconds, found.load_seconds) == (4, 1.0, 4.0)
    assert found.workers == "w1 cuda:0, w2 cuda:1"


def test_the_slowest_nodes_are_listed_in_the_order_in_which_they_ran(kept: SessionStore) -> None:
    totals = kept.totals("s", 2)
    assert [each.node for each in totals.nodes] == ["1", "2"]
    assert (totals.node_count, len(totals.commands)) == (3, 2)
    assert kept.totals("s", 1).nodes[0].node == "2"


def test_a_missing_session_has_no_totals(kept: SessionStore) -> None:
    with pytest.raises(SessionMissing):
        kept.totals("t")


@pytest.mark.parametrize("data", ["{", '{"node":"1","type":"add"}', '{"node":"1","type":"add","seconds":"long"}'])
def test_an_entry_that_cannot_be_read_is_reported_by_its_number(data: str, tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "s.sqlite")
    store.create("s", 1.0, LOG[:3])
    broken = '{"entry":"finished",' + data[1:]
    with sqlite3.connect(tmp_path / "s.sqlite") as opened:
        opened.execute("update entries set data = ? where number = 1", (broken,))
    opened.close()
    with pytest.raises(SessionDamaged, match="session `s` cannot be read: entry 1: "):
        store.totals("s")
    store.close()
