"""Lists of sessions and lines in pages, with titles, pins and owners."""

from __future__ import annotations

import sqlite3

import pytest

from invocations import errors
from invocations.storing.base import SessionFilter, checked_title
from invocations.storing.local import LocalStore
from tests.invocations.storing.logs import lined


def filled(store, count=7):
    """Create sessions, several of which changed at the same time."""
    for number in range(count):
        store.create(f"s{number}", 1.0)
        store.append(f"s{number}", *lined(f"add {number} 1", time=20.0 + number // 3))
    return store


def pages(store, size, **wanted):
    """Return the ids of all sessions, page by page."""
    found, before = [], None
    while page := store.infos(SessionFilter(limit=size, before=before, **wanted)):
        found.append([info.id for info in page])
        before = page[-1].position
    return found


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_pages_contain_each_session_once_in_the_order_of_the_whole_list(store, size):
    filled(store)
    whole = [info.id for info in store.infos()]
    assert whole == ["s6", "s5", "s4", "s3", "s2", "s1", "s0"]
    assert [id_ for page in pages(store, size) for id_ in page] == whole


def test_a_session_that_changes_between_two_pages_hides_no_other_session(store):
    filled(store)
    first = store.infos(SessionFilter(limit=3))
    store.append("s0", *lined("add 5 5", time=90.0))
    rest = store.infos(SessionFilter(before=first[-1].position))
    assert [info.id for info in rest] == ["s3", "s2", "s1"]


def test_lines_are_listed_in_pages_from_the_latest_to_the_earliest(store):
    store.create("s", 1.0)
    store.append("s", *lined("add 1 1", "add 2 2", "add 3 3"))
    store.create("t", 1.0)
    store.append("t", *lined("add 4 4", time=11.0))
    last = store.lines(SessionFilter(limit=2))
    earlier = store.lines(SessionFilter(limit=2, before_line=last[0].position))
    assert [line.text for line in (*earlier, *last)] == ["add 1 1", "add 2 2", "add 4 4", "add 3 3"]


def test_the_title_and_the_pin_of_a_session_are_changed_each_by_itself(store):
    store.create("s", 1.0, title="Poster")
    assert (store.info("s").title, store.info("s").pinned, store.info("s").owner) == ("Poster", False, "local")
    store.change("s", pinned=True)
    assert (store.info("s").title, store.info("s").pinned) == ("Poster", True)
    store.change("s", title="Über")
    assert (store.info("s").title, store.info("s").pinned) == ("Über", True)
    store.change("s", title="", pinned=False)
    assert (store.info("s").title, store.info("s").pinned) == ("", False)
    for missing in (lambda: store.change("t", title="x"), lambda: store.info("t")):
        with pytest.raises(errors.SessionMissing):
            missing()


def test_changing_the_title_does_not_move_a_session_in_the_list(store):
    filled(store)
    before = store.infos()
    store.change("s0", title="first")
    assert [info.position for info in store.infos()] == [info.position for info in before]


def test_words_also_select_sessions_by_their_title(store):
    filled(store, 3)
    store.change("s1", title="Poster of a FOX")
    assert pages(store, 5, words=("fox", "poster")) == [["s1"]]
    assert pages(store, 5, words=("fox", "add")) == []  # all words in the title, or all in one line
    assert pages(store, 5, words=("add", "1")) == [["s2", "s1", "s0"]]
    assert pages(store, 5, words=("fox",), failed=True) == []


def test_sessions_are_selected_by_pin_and_by_owner(store):
    filled(store, 3)
    store.create("u", 1.0, lined("add 9 9"), owner="ada")
    store.change("s1", pinned=True)
    assert pages(store, 2, pinned=True) == [["s1"]]
    assert pages(store, 2, pinned=False) == [["s2", "s0"], ["u"]]
    assert pages(store, 9, owner="ada") == [["u"]]
    assert pages(store, 9, owner="local") == [["s2", "s1", "s0"]]


def test_a_line_without_text_is_described_once(store):
    store.create("s", 1.0, [*lined("", "add 2 2")])
    store.describe_line("s", 1, "add 1 1")
    store.describe_line("s", 2, "sub 0 0")
    assert [line.text for line in store.lines()] == ["add 1 1", "add 2 2"]
    assert store.infos()[0].first_line == "add 1 1"
    with pytest.raises(errors.SessionMissing):
        store.describe_line("t", 1, "add 1 1")


def test_a_file_of_version_5_keeps_its_sessions_and_gets_titles(tmp_path):
    path = tmp_path / "sessions.sqlite"
    with sqlite3.connect(path) as older:
        older.executescript("""
            create table sessions (id text primary key, created real not null, changed real not null,
                lines integer not null, first_line text not null, nodes integer not null default 0,
                bytes integer not null default 0, counted integer not null default 0,
                imported integer not null default 0) strict, without rowid;
            create table entries (session text not null references sessions (id) on delete cascade,
                number integer not null, data text not null, primary key (session, number)) strict, without rowid;
            insert into sessions values ('s', 1.0, 2.0, 1, 'add 1 2', 3, 40, 5, 1);
            pragma user_version = 5;
        """)
    older.close()
    store = LocalStore(path)
    info = store.info("s")
    assert (info.first_line, info.nodes, info.imported) == ("add 1 2", 3, True)
    assert (info.title, info.pinned, info.owner) == ("", False, "local")
    store.change("s", title="kept", pinned=True)
    store.close()
    again = LocalStore(path)
    assert (again.info("s").title, again.info("s").pinned) == ("kept", True)
    again.close()


@pytest.mark.parametrize(
    ("written", "title"), [("  a\tfox \n", "a fox"), ("a\x1b[31mfox\0", "a [31mfox"), ("", ""), ("é" * 200, "é" * 200)]
)
def test_a_title_is_one_line_that_can_be_printed(written, title):
    assert checked_title(written) == title


def test_a_title_that_is_too_long_is_refused(bench):
    with pytest.raises(errors.BadValue) as refused:
        bench.invoker.create(title="x" * 201)
    assert (refused.value.message, refused.value.hint) == (
        "the title has 201 characters; it can have at most 200", "shorten it",
    )  # fmt: skip
    assert refused.value.field == "title"


def test_an_invoker_creates_sessions_with_a_title_and_changes_it(any_bench):
    session = any_bench.invoker.create(title=" Two\nfoxes ")
    assert any_bench.invoker.info(session.id).title == "Two foxes"
    assert any_bench.invoker.change(session.id, pinned=True).pinned
    with pytest.raises(errors.BadValue):
        any_bench.invoker.change(session.id, title="x" * 201, pinned=False)
    assert any_bench.invoker.info(session.id).pinned
