"""The queue in the file of the sessions: older files are migrated, damage is reported, and processes share it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from invocations import errors
from invocations.queueing.local import LocalQueue
from invocations.storing.local import LocalStore
from invocations.storing.tables import VERSION
from tests.invocations.queueing.items import item, take
from tests.invocations.storing.logs import lined

HOLDER = """
import sys
from pathlib import Path
from invocations.queueing.leases import Leases
Leases(Path(sys.argv[1])).hold("there")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sessions.sqlite"


@pytest.fixture
def opened(path):
    store = LocalStore(path)
    yield LocalQueue(store)
    store.close()


@pytest.mark.parametrize("version", [5, 6])
def test_a_file_of_an_older_version_gets_a_queue_and_keeps_its_sessions(path, version):
    store = LocalStore(path)
    store.create("s", 1.0)
    store.append("s", *lined("add 1 2"))
    store.close()
    with sqlite3.connect(path) as older:
        older.executescript(f"drop table queue; drop table queue_switches; pragma user_version = {version};")
    older.close()
    store = LocalStore(path)
    queue = LocalQueue(store)
    queue.add(item("a"))
    assert [take(queue).id, len([*store.read("s")]), queue.is_paused()] == ["a", 2, False]
    assert store.select("pragma user_version") == [(VERSION,)]
    store.close()


def test_the_queue_is_the_same_after_the_file_was_opened_again(path):
    first = LocalStore(path)
    first.create("s", 1.0)
    added = LocalQueue(first).add(item("a", nodes=("x",)))
    LocalQueue(first).pause(paused=True)
    first.close()
    second = LocalStore(path)
    assert LocalQueue(second).items() == [added]
    assert LocalQueue(second).is_paused()
    second.close()


def test_an_item_whose_row_is_damaged_is_reported(opened):
    opened._store.create("s", 1.0)
    opened.add(item("a"))
    opened._store.transact(lambda: [("update queue set data = '{'", ())])
    with pytest.raises(errors.StoreFailed, match="item `a` of the queue is damaged"):
        opened.get("a")


def test_a_line_is_refused_together_with_its_item_if_another_process_has_added_one(path, opened):
    opened._store.create("s", 1.0)
    assert [*opened._store.read("s")] == []
    other = LocalStore(path)
    assert [*other.read("s")] == []
    other.append("s", *lined("add 1 2"))
    other.close()
    with pytest.raises(errors.SessionChanged):
        opened.add(item("a"), *lined("mul 2 3"))
    assert opened.items() == []
    assert opened.add(item("b")).id == "b"


def test_the_lease_of_another_process_ends_with_it(path, opened):
    opened.hold("here")
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        assert opened.is_held("there")
        assert LocalQueue(LocalStore(path)).is_held("here")
        opened.release("here")
        assert opened.is_held("there")
        other.kill()
        other.wait()
    assert not opened.is_held("there")
    assert not opened.is_held("here")


def test_two_queues_on_one_file_in_one_process_do_not_take_each_others_leases(path, opened):
    other = LocalQueue(LocalStore(path))
    opened.hold("a")
    other.hold("b")
    assert opened.is_held("b")
    other.release("b")
    assert other.is_held("a")
    assert not opened.is_held("b")
