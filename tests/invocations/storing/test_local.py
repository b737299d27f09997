"""Sessions in one SQLite file: several processes, damaged files, a full disk."""

from __future__ import annotations

import signal
import sqlite3
from itertools import count

import pytest

from invocations import errors
from invocations.storing import database
from invocations.storing.local import LocalStore
from tests.invocations.storing.logs import ENTRIES


def test_another_process_reads_the_entries_written_so_far(tmp_path):
    path = tmp_path / "sessions.sqlite"
    store = LocalStore(path)
    store.create("s", 1.0)
    for number, entry in enumerate(ENTRIES):
        store.append("s", entry)
        other = LocalStore(path)
        assert tuple(other.read("s")) == ENTRIES[: number + 1]
        other.close()
    store.close()


def test_entries_from_two_stores_of_one_file_are_kept_but_an_outdated_store_cannot_add_lines(tmp_path):
    path = tmp_path / "sessions.sqlite"
    one, other = LocalStore(path), LocalStore(path)
    one.create("s", 1.0)
    one.append("s", ENTRIES[0])
    assert tuple(other.read("s")) == ENTRIES[:1]
    one.append("s", ENTRIES[1])
    assert (one.is_behind("s"), other.is_behind("s")) == (False, True)
    other.append("s", ENTRIES[2])
    other.append("s", ENTRIES[3], ENTRIES[4])
    other.append("s", ENTRIES[0])  # accepted, because the other store has added no line since
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
    other.delete("s")  # possible because the lock does not exclude a store in the same process
    for entry in ENTRIES:
        with pytest.raises(errors.SessionMissing):
            one.append("s", entry)
    assert one.infos() == one.lines() == []
    one.create("s", 1.0)
    assert tuple(one.read("s")) == ()
    one.close()
    other.close()


def test_a_damaged_row_raises_a_session_damaged_error(tmp_path):
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


def test_a_missing_row_raises_a_session_damaged_error(tmp_path):
    path = tmp_path / "sessions.sqlite"
    store = LocalStore(path)
    store.create("s", 1.0)
    store.append("s", *ENTRIES)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("delete from entries where number = 2")
    connection.close()
    again = LocalStore(path)
    with pytest.raises(errors.SessionDamaged, match="entry 2 is missing"):
        list(again.read("s"))
    again.close()


def test_a_file_that_is_not_a_session_store_raises_a_store_failed_error(tmp_path):
    path = tmp_path / "sessions.sqlite"
    path.write_text("this is no database, whatever it is called", encoding="utf-8")
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed) as caught:
        store.infos()
    assert caught.value.code == "store_failed"
    store.close()


def test_a_full_disk_raises_a_store_failed_error_and_keeps_the_stored_entries(tmp_path):
    store = LocalStore(tmp_path / "sessions.sqlite")
    store.create("s", 1.0)
    store._connection().execute("pragma max_page_count = 40")  # simulates a full disk

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


def blocked(path, monkeypatch, at_turn):
    """Return a store whose file another process is writing, and that process; `at_turn` is called at each turn."""
    store = LocalStore(path)
    store.create("s", 1.0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    monkeypatch.setattr(database, "PIECE_S", 0.0)
    store._connection().execute("pragma busy_timeout = 0")
    turns = count()
    monkeypatch.setattr(database.time, "monotonic", lambda: (turn := next(turns), at_turn(turn, other))[0])
    return store, other


def test_a_write_waits_until_another_process_has_written(tmp_path, monkeypatch):
    def release(turn, other):
        if turn == 5:
            other.execute("rollback")

    store, other = blocked(tmp_path / "sessions.sqlite", monkeypatch, release)
    store.append("s", *ENTRIES[:2])
    assert tuple(store.read("s")) == ENTRIES[:2]
    other.close()
    store.close()


def test_a_write_fails_after_ten_seconds_in_which_another_process_writes(tmp_path, monkeypatch):
    turns = []
    store, other = blocked(tmp_path / "sessions.sqlite", monkeypatch, lambda turn, other: turns.append(turn))
    with pytest.raises(errors.StoreFailed, match="database is locked"):
        store.append("s", *ENTRIES[:2])
    assert turns[-1] == database.WAIT_S
    other.close()
    store.close()


def test_ctrl_c_ends_the_waiting_for_another_process(tmp_path, monkeypatch):
    def interrupt(turn, other):
        if turn == 3:
            signal.raise_signal(signal.SIGINT)

    store, other = blocked(tmp_path / "sessions.sqlite", monkeypatch, interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.append("s", *ENTRIES[:2])
    other.close()
    store.append("s", *ENTRIES[:2])
    assert tuple(store.read("s")) == ENTRIES[:2]
    store.close()
