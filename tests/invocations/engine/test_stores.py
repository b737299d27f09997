"""Stores: logs that are appended to, whole or not at all."""

from __future__ import annotations

import sqlite3
import threading

import pytest

from invocations import errors
from invocations.events import NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.graph.graph import Edge, Node
from invocations.session import Extension, LineEnded, Retried, Session, Stage
from invocations.storing.entries import entry_from_json, entry_to_json, session_from_json
from invocations.storing.local import VERSION, LocalStore
from invocations.storing.memory import MemoryStore
from invocations.values import ImageRef, MaskRef

ENTRIES = (
    Extension(
        (Node("a", "width", {"image": MaskRef("m", 1, 2)}), Node("b", "add", {"b": None})),
        (Edge("a", "value", "b", "a"),),
        (Stage(1, "width", "fox", 1, ("a",), {"value": ("a", "value")}, ("a", "value")),
         Stage(2, "show", None, 1, ("b",), {}, None)),
        "width m.png as fox",
        "x.inv:1",
        12.5,
    ),
    NodeFinished("s", "a", "width", (), 13.0, {"value": 1, "images": [ImageRef("i", 1, 1, "p.png")]}, 0.5, True,
                 {"seed": 3}),
    NodeFinished("s", "a", "width", (0, 2), 13.0, {"value": "ü\n"}, 0.5, False, {}),
    NodeFailed("s", "b", "add", (1,), 14.0, NodeError("E", "m", "c", "h", {"image": MaskRef("m")}, "t"), 0.1),
    NodeSkipped("s", "b", "add", (), 15.0, "not chosen"),
    Retried(16.0),
    LineEnded(1, 2.5, "failed"),
)  # fmt: skip


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    made = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "deep" / "sessions.sqlite")
    yield made
    made.close()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: type(entry).__name__)
def test_every_entry_survives_json(entry):
    assert entry_from_json(entry_to_json(entry), "s") == entry


def test_what_is_appended_is_read_in_order(store):
    store.create("s", 1.5)
    for entry in ENTRIES:
        store.append("s", entry)
    assert tuple(store.read("s")) == ENTRIES
    assert store.created("s") == 1.5


def test_entries_are_added_all_or_none(store):
    store.create("s", 1.0)
    store.append("s", *ENTRIES[:-1])
    store.append("s", ENTRIES[-1])
    assert tuple(store.read("s")) == ENTRIES
    assert (store.infos()[0].entries, store.infos()[0].lines) == (len(ENTRIES), 1)


def test_a_session_is_made_once(store):
    store.create("s", 1.0)
    with pytest.raises(errors.SessionExists):
        store.create("s", 2.0)


def made_by_an_older_version(path, version=1, columns="entries integer not null,"):
    with sqlite3.connect(path) as older:
        older.executescript(f"""
            create table sessions (id text primary key, created real not null, changed real not null, {columns}
                                   lines integer not null, first_line text not null) strict, without rowid;
            create table entries (session text not null references sessions (id) on delete cascade, number integer
                                  not null, data text not null, primary key (session, number)) strict, without rowid;
            pragma user_version = {version};
        """)
    older.close()


@pytest.mark.parametrize("columns", ["entries integer not null,", ""])
def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path, columns):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, columns=columns)
    for session in ("s", "t"):  # the second time nothing is left to do
        store = LocalStore(path)
        store.create(session, 1.0)
        store.append(session, *ENTRIES)
        assert len(tuple(store.read(session))) == len(ENTRIES)
        with pytest.raises(errors.SessionExists):
            store.create(session, 2.0)
        store.close()


def test_a_file_of_a_later_version_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, version=99)
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed, match=rf"version 99.*knows version {VERSION}") as refused:
        store.create("s", 1.0)
    assert "later version" in refused.value.hint
    store.close()
    with sqlite3.connect(path) as after:
        assert after.execute("pragma user_version").fetchone() == (99,)
        assert "entries" in {row[1] for row in after.execute("pragma table_info(sessions)")}
    after.close()


def test_only_the_same_name_is_a_session_that_exists(tmp_path):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, version=VERSION, columns="mood text not null,")
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed, match="NOT NULL"):
        store.create("s", 1.0)
    store.close()


def test_what_is_not_there_is_a_named_error(store):
    for attempt in (store.created, store.delete, lambda id_: list(store.read(id_))):
        with pytest.raises(errors.SessionMissing):
            attempt("s")
    with pytest.raises(errors.SessionMissing):
        store.append("s", ENTRIES[0])


def test_a_deleted_session_leaves_nothing(store):
    store.create("s", 1.0)
    store.append("s", ENTRIES[0])
    store.delete("s")
    assert store.infos() == []
    store.create("s", 1.0)
    assert tuple(store.read("s")) == ()


def test_threads_append_side_by_side(store):
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


def test_another_process_reads_what_is_there_so_far(tmp_path):
    path = tmp_path / "sessions.sqlite"
    store = LocalStore(path)
    store.create("s", 1.0)
    for number, entry in enumerate(ENTRIES):
        store.append("s", entry)
        other = LocalStore(path)
        assert tuple(other.read("s")) == ENTRIES[: number + 1]
        other.close()
    store.close()


def test_two_writers_of_one_session_do_not_mix_their_logs(tmp_path):
    path = tmp_path / "sessions.sqlite"
    one, other = LocalStore(path), LocalStore(path)
    one.create("s", 1.0)
    one.append("s", ENTRIES[0])
    assert tuple(other.read("s")) == ENTRIES[:1]
    one.append("s", ENTRIES[1])
    with pytest.raises(errors.SessionDamaged) as caught:
        other.append("s", ENTRIES[2])
    assert caught.value.message == "session `s` was changed from elsewhere"
    assert tuple(one.read("s")) == ENTRIES[:2]
    one.close()
    other.close()


def test_a_damaged_row_is_a_named_error(tmp_path):
    path = tmp_path / "sessions.sqlite"
    store = LocalStore(path)
    store.create("s", 1.0)
    store.append("s", ENTRIES[0])
    store.append("s", ENTRIES[1])
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("update entries set data = 'broken' where number = 1")
    connection.close()
    again = LocalStore(path)
    with pytest.raises(errors.SessionDamaged, match="entry 1"):
        list(again.read("s"))
    again.close()


def test_a_file_that_is_no_store_is_a_named_error(tmp_path):
    path = tmp_path / "sessions.sqlite"
    path.write_text("this is no database, whatever it is called", encoding="utf-8")
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed) as caught:
        store.infos()
    assert caught.value.code == "store_failed"
    store.close()


def test_a_store_that_fails_leaves_the_session_as_it_was(make_bench, n):
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


def test_a_full_disk_is_a_named_error_and_keeps_what_was_there(tmp_path):
    store = LocalStore(tmp_path / "sessions.sqlite")
    store.create("s", 1.0)
    store._connection().execute("pragma max_page_count = 40")  # stands in for a disk that is full

    def fill():
        while True:
            store.append("s", ENTRIES[0])

    with pytest.raises(errors.StoreFailed, match="full"):
        fill()
    kept = len(tuple(store.read("s")))
    assert kept > 5
    assert tuple(store.read("s")) == ENTRIES[:1] * kept
    assert store.infos()[0].lines == kept
    store.close()
    again = LocalStore(tmp_path / "sessions.sqlite")
    assert tuple(again.read("s")) == ENTRIES[:1] * kept
    again.close()


def test_what_is_no_session_is_a_named_error(specs):
    for data in ({}, {"id": "s", "created": 1.0}, {"id": "s", "created": 1.0, "log": [{"entry": "x"}]}):
        with pytest.raises(errors.SessionDamaged):
            session_from_json(data, specs)
    assert isinstance(session_from_json({"id": "s", "created": 1.0, "log": []}, specs), Session)
