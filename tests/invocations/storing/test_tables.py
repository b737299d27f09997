"""The tables of the session store: files of older versions are migrated, files of later versions are refused."""

from __future__ import annotations

import json
import sqlite3

import pytest

from invocations import errors
from invocations.storing.base import SessionFilter
from invocations.storing.entries import entry_to_json
from invocations.storing.local import LocalStore
from invocations.storing.tables import VERSION
from tests.invocations.storing.logs import ENTRIES, lined


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
    for session in ("s", "t"):  # the second time, there is nothing to migrate
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


def test_violating_another_database_constraint_is_not_reported_as_an_existing_session(tmp_path):
    path = tmp_path / "sessions.sqlite"
    made_by_an_older_version(
        path, version=VERSION, columns="mood text not null, imported integer, title text, owner text,"
    )
    store = LocalStore(path)
    with pytest.raises(errors.StoreFailed, match="NOT NULL"):
        store.create("s", 1.0)
    store.close()


@pytest.mark.parametrize("version", [1, 3])
def test_opening_an_older_file_fills_in_the_lines_and_sizes_of_its_sessions(tmp_path, version):
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
