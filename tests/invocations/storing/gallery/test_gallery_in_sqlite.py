"""The gallery in SQLite: migration from the logs of older files, several processes, damaged logs."""

from __future__ import annotations

import json
import sqlite3

import pytest

from invocations import errors
from invocations.storing.database import DatabaseFile
from invocations.storing.entries import entry_to_json
from invocations.storing.local import LocalStore
from tests.invocations.storing.gallery.drawn import drawn, finished, line, ref
from tests.invocations.storing.logs import ENTRIES


def encoded(entry):
    return json.dumps(entry_to_json(entry), separators=(",", ":"))


def older_file(path, version, sessions):
    """Write the file of an older version: sessions in order, each with its entries as JSON."""
    with sqlite3.connect(path) as older:
        older.executescript(f"""
            create table sessions (id text primary key, created real not null, changed real not null,
                lines integer not null, first_line text not null, nodes integer not null default 0,
                bytes integer not null default 0, counted integer not null default 0,
                imported integer not null default 0) strict, without rowid;
            create table entries (session text not null references sessions (id) on delete cascade,
                number integer not null, data text not null, primary key (session, number)) strict, without rowid;
            create table lines (session text not null references sessions (id) on delete cascade,
                number integer not null, text text not null, source text not null, started real not null,
                seconds real not null, outcome text not null, primary key (session, number)) strict, without rowid;
            pragma user_version = {version};
        """)
        for number, (session, (imported, texts)) in enumerate(sessions.items()):
            older.execute(
                "insert into sessions values (?, ?, 2, 1, 't2i a fox', 2, 0, 0, ?)", (session, number, imported)
            )
            older.execute("insert into lines values (?, 1, 't2i a fox', '', 2, 0, 'done')", (session,))
            rows = [(session, number, text) for number, text in enumerate(texts)]
            older.executemany("insert into entries values (?, ?, ?)", rows)
    older.close()


def test_a_file_of_version_5_gets_a_gallery_from_its_logs(tmp_path):
    path = tmp_path / "sessions.sqlite"
    log = [*map(encoded, drawn("fox", "owl")), *map(encoded, ENTRIES)]
    foreign = [encoded(entry) for entry in drawn("cat", session="t")]
    older_file(path, 5, {"s": (0, log), "t": (1, foreign)})
    store = LocalStore(path)
    assert [image.id for image in store.gallery.page()] == [ref("owl").name, ref("fox").name]
    fox = store.gallery.get(ref("fox").name)
    assert (fox.session, fox.node, fox.line, fox.text, fox.model) == ("s", "d1", 1, "t2i a fox", "tiny")
    store.gallery.remove(ref("fox").name)
    store.close()
    again = LocalStore(path)
    assert [image.id for image in again.gallery.page()] == [ref("owl").name]  # filled only once
    again.close()


@pytest.mark.parametrize(
    "broken",
    [
        "", "[]", "{", '{"entry":"finished","node":1,"kind":"image"}', '{"entry":"extension","nodes":7}',
        '{"entry":"finished","node":"1","type":"x","time":"late","seconds":[],"outputs":{"a":{"kind":"image","name":"'
        + "a" * 64 + '","width":9,"height":9}}}',
        '{"entry":"finished","node":["1"],"type":{},"time":null,"seconds":1,"outputs":{"a":{"kind":"image","name":5}}}',
        '{"entry":"claimed"}', '{"entry":"claimed","node":[1],"target":"x"}', '{"entry":"extension"' + "[" * 5000,
    ],
    ids=range(10),
)  # fmt: skip
def test_entries_that_cannot_be_read_do_not_prevent_the_migration(tmp_path, broken):
    path = tmp_path / "sessions.sqlite"
    older_file(path, 5, {"r": (0, [broken]), "s": (0, [broken, *map(encoded, drawn("fox"))])})
    store = LocalStore(path)
    assert [image.id for image in store.gallery.page()] == [ref("fox").name]
    assert len(store.infos()) == 2
    store.close()


def test_a_session_that_is_opened_again_still_knows_its_lines(tmp_path):
    path = tmp_path / "sessions.sqlite"
    first = LocalStore(path)
    first.create("s", 1.0)
    fox, model, image = drawn("fox")
    first.append("s", fox, model)
    first.close()
    second = LocalStore(path)
    list(second.read("s"))
    second.append("s", image)
    found = second.gallery.get(ref("fox").name)
    assert (found.line, found.model) == (1, "tiny")
    second.close()


def test_results_of_lines_that_another_process_added_are_listed(tmp_path):
    path = tmp_path / "sessions.sqlite"
    one, two = LocalStore(path), LocalStore(path)
    one.create("s", 1.0)
    one.append("s", line("t2i a", "draw"), finished("1", {"image": ref("a")}))
    list(two.read("s"))
    two.append("s", line("t2i b", "draw", first=2))
    one.append(
        "s", finished("2", {"image": ref("b")}, time=30.0)
    )  # its number is taken: appended after the other's entries
    assert [(image.line, image.text) for image in one.gallery.page()] == [(2, "t2i b"), (1, "t2i a")]
    for store in (one, two):
        store.close()


def test_an_image_is_listed_if_and_only_if_its_entry_is_stored(tmp_path, monkeypatch):
    store = LocalStore(tmp_path / "sessions.sqlite")
    store.create("s", 1.0)
    fox, model, image = drawn("fox")
    store.append("s", fox, model)
    write = DatabaseFile._write

    def full(self, *args, **kwargs):
        raise errors.StoreFailed("x", "the disk is full")

    monkeypatch.setattr(LocalStore, "_write", full)
    with pytest.raises(errors.StoreFailed):
        store.append("s", image)
    monkeypatch.setattr(LocalStore, "_write", write)
    assert store.gallery.page() == []
    store.append("s", image)
    assert (store.gallery.page()[0].line, store.gallery.page()[0].model) == (1, "tiny")
    store.close()


def test_a_line_that_could_not_be_stored_does_not_count(tmp_path, monkeypatch):
    store = LocalStore(tmp_path / "sessions.sqlite")
    store.create("s", 1.0)
    store.append("s", *drawn("fox"))
    owl = drawn("owl", first=2)
    write = LocalStore._write

    def full(self, *args, **kwargs):
        raise errors.StoreFailed("x", "the disk is full")

    monkeypatch.setattr(LocalStore, "_write", full)
    with pytest.raises(errors.StoreFailed):
        store.append("s", owl[0])
    monkeypatch.setattr(LocalStore, "_write", write)
    store.append("s", *owl)
    assert [image.line for image in store.gallery.page()] == [2, 1]
    store.close()


def test_a_line_without_images_reads_nothing_and_imports_no_gallery(tmp_path, monkeypatch):
    store = LocalStore(tmp_path / "sessions.sqlite")
    store.create("s", 1.0)
    store.append("s", line("add 1 2", "add"), finished("1", {"value": 3, "text": "x"}, type_="add"))
    assert "_index" not in store.__dict__
    store.close()
