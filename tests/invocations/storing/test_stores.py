"""Every session store has an append-only log per session; entries added together are all stored or all lost."""

from __future__ import annotations

import threading

import pytest

from invocations import errors
from invocations.storing.entries import entry_to_json
from invocations.storing.memory import MemoryStore
from tests.invocations.storing.logs import ENTRIES, lined


def test_entries_are_read_in_the_order_in_which_they_were_appended(store):
    store.create("s", 1.5)
    for entry in ENTRIES:
        store.append("s", entry)
    assert tuple(store.read("s")) == ENTRIES
    assert store.created("s") == 1.5


def test_either_all_entries_of_an_addition_are_stored_or_none(store):
    store.create("s", 1.0)
    store.append("s", *ENTRIES[:-1])
    store.append("s", ENTRIES[-1])
    assert tuple(store.read("s")) == ENTRIES
    assert (store.infos()[0].entries, store.infos()[0].lines) == (len(ENTRIES), 1)


def test_a_session_cannot_be_created_twice(store):
    store.create("s", 1.0)
    with pytest.raises(errors.SessionExists):
        store.create("s", 2.0)


def test_a_missing_session_raises_a_session_missing_error(store):
    for attempt in (store.created, store.delete, lambda id_: list(store.read(id_))):
        with pytest.raises(errors.SessionMissing):
            attempt("s")
    with pytest.raises(errors.SessionMissing):
        store.append("s", ENTRIES[0])


def test_a_session_is_created_with_its_log_or_not_at_all(store):
    log = lined("add 1 2", "div 1 0!")
    store.create("s", 1.0, log)
    assert list(store.read("s")) == log
    assert (store.infos()[0].lines, store.infos()[0].changed) == (2, 12.0)
    with pytest.raises(errors.SessionExists):
        store.create("s", 1.0, lined("mul 2 3"))
    assert [line.text for line in store.lines()] == ["add 1 2", "div 1 0"]


def test_a_deleted_session_leaves_nothing_behind(store):
    store.create("s", 1.0)
    store.append("s", ENTRIES[0])
    store.delete("s")
    assert store.infos() == []
    store.create("s", 1.0)
    assert tuple(store.read("s")) == ()


def test_several_threads_can_append_entries_concurrently(store):
    ids = [f"s{number}" for number in range(4)]
    for id_ in ids:
        store.create(id_, 1.0)

    def work(id_):
        for entry in ENTRIES * 20:
            store.append(id_, entry)

    threads = [threading.Thread(target=work, args=(id_,)) for id_ in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for id_ in ids:
        assert [entry_to_json(entry) for entry in store.read(id_)] == [entry_to_json(entry) for entry in ENTRIES] * 20


def test_a_failing_store_does_not_change_the_session(make_bench, n):
    class FullDisk(MemoryStore):
        full = False

        def append(self, session_id, *entries):
            if self.full:
                raise errors.StoreFailed("x", "disk full")
            super().append(session_id, *entries)

    store = FullDisk()
    bench = make_bench(store).grow([n("a number", value=1)])
    store.full = True
    with pytest.raises(errors.StoreFailed):
        bench.grow([n("b number", value=1)])
    with pytest.raises(errors.StoreFailed):
        bench.run()
    store.full = False
    bench.session = bench.invoker.open(bench.session.id)
    assert set(bench.session.graph.nodes) == {"a"}
    assert bench.run().ran() == ["a"]
