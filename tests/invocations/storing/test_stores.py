"""Session stores: append-only logs, with all entries of an addition or none."""

from __future__ import annotations

import json
import sqlite3
import threading

import pytest

from invocations import errors
from invocations.events import NodeError, NodeFailed, NodeFinished, NodeSkipped
from invocations.graph.graph import Edge, Node
from invocations.sessions.session import Extension, LineEnded, Retried, Session, SessionStage
from invocations.storing.base import LineInfo, SessionFilter
from invocations.storing.entries import entry_from_json, entry_to_json, session_from_json
from invocations.storing.local import LocalStore
from invocations.storing.memory import MemoryStore
from invocations.storing.tables import VERSION
from invocations.values import ImageRef, MaskRef

ENTRIES = (
    Extension(
        (Node("a", "width", {"image": MaskRef("m", 1, 2)}), Node("b", "add", {"b": None})),
        (Edge("a", "value", "b", "a"),),
        (SessionStage(1, "width", "fox", 1, ("a",), {"value": ("a", "value")}, ("a", "value")),
         SessionStage(2, "show", None, 1, ("b",), {}, None)),
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


def test_entries_are_read_in_the_order_of_appending(store):
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


def test_a_session_is_created_once(store):
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
def test_a_file_of_the_first_version_is_migrated(tmp_path, columns):
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


def test_a_file_of_a_later_version_is_refused_and_not_changed(tmp_path):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, version=99)
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed, match=rf"version 99.*supports version {VERSION}") as refused:
        store.create("s", 1.0)
    assert "later version" in refused.value.hint
    store.close()
    with sqlite3.connect(path) as after:
        assert after.execute("pragma user_version").fetchone() == (99,)
        assert "entries" in {row[1] for row in after.execute("pragma table_info(sessions)")}
    after.close()


def test_only_an_equal_id_means_that_a_session_exists(tmp_path):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, version=VERSION, columns="mood text not null,")
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed, match="NOT NULL"):
        store.create("s", 1.0)
    store.close()


def test_a_missing_session_is_a_named_error(store):
    for attempt in (store.created, store.delete, lambda id_: list(store.read(id_))):
        with pytest.raises(errors.SessionMissing):
            attempt("s")
    with pytest.raises(errors.SessionMissing):
        store.append("s", ENTRIES[0])


def lined(*lines, time=10.0):
    """Return entries: lines of one node each, `!` for one that fails, `?` for one that does not end."""
    entries = []
    for number, line in enumerate(lines, 1):
        node = Node(str(number), "number", {"value": number})
        entries.append(Extension((node,), (), (), line.rstrip("!?"), "x.inv:1", time + number))
        if not line.endswith("?"):
            entries.append(LineEnded(number, 0.5, "failed" if line.endswith("!") else "done"))
    return entries


def test_all_lines_are_listed_with_their_outcome(store):
    store.create("s", 1.0)
    store.append("s", *lined("add 1 2", "div 1 0!", "Über b?"))
    store.create("t", 1.0)
    store.append("t", *lined("T2I fox", time=11.5))
    assert [(each.session, each.number, each.text, each.outcome) for each in store.lines()] == [
        ("s", 1, "add 1 2", "done"), ("s", 2, "div 1 0", "failed"), ("t", 1, "T2I fox", "done"), ("s", 3, "Über b", ""),
    ]  # fmt: skip
    assert store.lines()[0] == LineInfo("s", 1, "add 1 2", "x.inv:1", 11.0, 0.5, "done")
    store.append("s", LineEnded(2, 1.0, "done"))  # it was tried again
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
def test_lines_and_sessions_are_found(store, wanted, lines, sessions):
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


def test_a_session_is_created_with_its_log_or_not_at_all(store):
    log = lined("add 1 2", "div 1 0!")
    store.create("s", 1.0, log)
    assert list(store.read("s")) == log
    assert (store.infos()[0].lines, store.infos()[0].changed) == (2, 12.0)
    with pytest.raises(errors.SessionExists):
        store.create("s", 1.0, lined("mul 2 3"))
    assert [line.text for line in store.lines()] == ["add 1 2", "div 1 0"]


@pytest.mark.parametrize("version", [1, 3])
def test_an_older_file_has_its_lines_and_sizes_once_it_is_opened(tmp_path, version):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(path, version=version, columns="entries integer not null," if version == 1 else "")
    log = lined("add 1 2", "div 1 0!", "mul 2 3?")
    with sqlite3.connect(path) as older:
        for session in ("s", "t"):
            columns = (session, 1.0, 2.0, *([7] if version == 1 else []), 3, "add 1 2")
            older.execute(f"insert into sessions values ({', '.join('?' * len(columns))})", columns)
        for number, entry in enumerate(log):
            data = json.dumps(entry_to_json(entry), separators=(",", ":"))
            older.execute("insert into entries values ('s', ?, ?)", (number, data))
        older.execute("insert into entries values ('t', 0, 'broken')")
        older.execute("""insert into entries values ('t', 1, '{"entry":"line_ended","number":[]}')""")
        older.execute("""insert into entries values ('t', 2, '{"entry":"extension","nodes":7,"line":[],"time":""}')""")
    older.close()
    store = LocalStore(path)
    assert [(line.text, line.outcome) for line in store.lines(SessionFilter(session="s"))] == [
        ("add 1 2", "done"), ("div 1 0", "failed"), ("mul 2 3", ""),
    ]  # fmt: skip
    info = next(info for info in store.infos() if info.id == "s")
    assert (info.entries, info.lines, info.nodes, info.failed) == (5, 3, 3, 1)
    assert info.bytes == sum(len(json.dumps(entry_to_json(entry), separators=(",", ":"))) for entry in log)
    assert list(store.read("s")) == log
    store.append("s", *lined("sub 1 1"))
    assert [line.number for line in store.lines(SessionFilter(session="s", limit=1))] == [3]
    store.close()


def test_a_deleted_session_leaves_nothing(store):
    store.create("s", 1.0)
    store.append("s", ENTRIES[0])
    store.delete("s")
    assert store.infos() == []
    store.create("s", 1.0)
    assert tuple(store.read("s")) == ()


def test_threads_append_concurrently(store):
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


def test_another_process_reads_the_entries_so_far(tmp_path):
    path = tmp_path / "sessions.sqlite"
    store = LocalStore(path)
    store.create("s", 1.0)
    for number, entry in enumerate(ENTRIES):
        store.append("s", entry)
        other = LocalStore(path)
        assert tuple(other.read("s")) == ENTRIES[: number + 1]
        other.close()
    store.close()


def test_entries_of_two_writers_are_kept_and_a_line_of_the_outdated_one_is_refused(tmp_path):
    path = tmp_path / "sessions.sqlite"
    one, other = LocalStore(path), LocalStore(path)
    one.create("s", 1.0)
    one.append("s", ENTRIES[0])
    assert tuple(other.read("s")) == ENTRIES[:1]
    one.append("s", ENTRIES[1])
    assert (one.is_behind("s"), other.is_behind("s")) == (False, True)
    other.append("s", ENTRIES[2])
    other.append("s", ENTRIES[3], ENTRIES[4])
    other.append("s", ENTRIES[0])  # no line has come meanwhile
    assert (one.is_behind("s"), other.is_behind("s")) == (True, True)
    one.append("s", ENTRIES[5])
    with pytest.raises(errors.SessionChanged) as caught:
        one.append("s", ENTRIES[6], ENTRIES[0])
    assert caught.value.message == "another process has changed session `s`"
    for store in (one, other):
        assert tuple(store.read("s")) == (*ENTRIES[:5], ENTRIES[0], ENTRIES[5])
        assert not store.is_behind("s")
    one.append("s", ENTRIES[0])
    assert one.infos()[0].lines == 3
    one.close()
    other.close()


def test_a_session_removed_by_another_process_accepts_no_entries(tmp_path):
    path = tmp_path / "sessions.sqlite"
    one, other = LocalStore(path), LocalStore(path)
    one.create("s", 1.0)
    one.append("s", *ENTRIES)
    other.delete("s")  # the same process: its lock does not keep it out
    for entry in ENTRIES:
        with pytest.raises(errors.SessionMissing):
            one.append("s", entry)
    assert one.infos() == one.lines() == []
    one.create("s", 1.0)
    assert tuple(one.read("s")) == ()
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


def test_a_file_that_is_not_a_store_is_a_named_error(tmp_path):
    path = tmp_path / "sessions.sqlite"
    path.write_text("this is no database, whatever it is called", encoding="utf-8")
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed) as caught:
        store.infos()
    assert caught.value.code == "store_failed"
    store.close()


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


def test_a_full_disk_is_a_named_error_and_keeps_the_stored_entries(tmp_path):
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


def test_malformed_session_data_is_a_named_error(specs):
    for data in ({}, {"id": "s", "created": 1.0}, {"id": "s", "created": 1.0, "log": [{"entry": "x"}]}):
        with pytest.raises(errors.SessionDamaged):
            session_from_json(data, specs)
    assert isinstance(session_from_json({"id": "s", "created": 1.0, "log": []}, specs), Session)
