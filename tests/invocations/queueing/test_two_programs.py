"""Two programs work on one queue: no item runs twice, and the items of one that is killed are taken over."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest

from invocations.events import NodeFinished
from invocations.queueing.base import DONE, NODES
from invocations.storing.local import LocalStore
from tests.invocations.queueing.desk import Desk

ROOT = Path(__file__).parents[3]


@contextmanager
def served(path, *words):
    """Start a program that runs the queue in a file."""
    command = [sys.executable, "-m", "tests.invocations.queueing.serve", str(path), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.fixture
def filled(tmp_path):
    """Return a desk that does not run, whose queue has two items that take long, and 20 that do not."""
    desk = Desk(LocalStore(tmp_path / "sessions.sqlite"))
    slow = [desk.coordinator.enqueue(desk.session("slow").id, priority=1) for _ in range(2)]
    sessions = [desk.session(*["number"] * 5) for _ in range(4)]
    for number in range(1, 6):
        for session in sessions:
            desk.coordinator.enqueue(session.id, NODES, nodes=(f"n{number}",))
    yield desk, tmp_path / "sessions.sqlite", {item.id for item in slow}
    desk.invoker.close()


def test_two_programs_share_the_queue_and_one_takes_over_what_the_other_was_running_when_it_was_killed(filled):
    desk, path, slow = filled
    with served(path, "held") as first:
        assert {first.stdout.readline().split()[1], first.stdout.readline().split()[1]} == slow
        with served(path) as second:
            ran = [second.stdout.readline().split() for _ in range(40)]
            assert not {id_ for _, id_ in ran} & slow
            assert {desk.coordinator.item(id_).claim.turn for id_ in slow} == {1, 2}
            first.kill()
            first.wait()
            ran += [line.split() for line in second.stdout]
            assert second.wait() == 0
    items = desk.coordinator.items()
    assert {item.state for item in items} == {DONE}
    assert Counter(how for how, _ in ran) == {"run": 22, "end": 22}
    assert Counter(id_ for _, id_ in ran) == dict.fromkeys([item.id for item in items], 2)
    for item in items:
        nodes = [each.node_id for each in desk.invoker._store.read(item.session) if isinstance(each, NodeFinished)]
        assert len(nodes) == len(set(nodes))


def test_an_item_that_runs_in_another_program_is_cancelled_there(filled):
    desk, path, _ = filled
    with served(path, "held") as program:
        running = program.stdout.readline().split()[1]
        desk.coordinator.cancel(running)
        while program.stdout.readline().split() != ["end", running]:
            pass
    assert desk.coordinator.item(running).state == "cancelled"
