"""Slots with workers of their own: several sessions run at the same time, each in one worker."""

from __future__ import annotations

import threading

import pytest

from invocations.queueing.base import DONE
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import QueueSlot, slots_of
from invocations.running.workers.processes import ProcessWorkers
from invocations.storing.memory import MemoryStore
from tests.invocations.bench import NoServices, extension, make_invoker, node
from tests.invocations.kitchen import PluginCatalog
from tests.invocations.queueing.desk import DEADLINE_S
from tests.invocations.running.workers.fake_workers import FakeWorkers


class SplitWorkers(FakeWorkers):
    """Two workers that two runs can use, one each."""

    def __init__(self):
        super().__init__(2, NoServices())
        self.parts = [FakeWorkers(1, NoServices(), catalog=PluginCatalog()) for _ in range(2)]

    def split(self):
        return self.parts


@pytest.fixture
def workers():
    return SplitWorkers()


@pytest.fixture
def invoker(workers):
    return make_invoker(MemoryStore(), workers=workers)


def test_each_slot_gives_its_nodes_to_a_worker_of_its_own(invoker, workers, held):
    events = []
    coordinator = Coordinator(invoker, slots=slots_of(invoker), on_event=lambda id_, event: events.append(event))
    coordinator.start()
    items = []
    for _ in range(2):
        session = invoker.create()
        invoker.extend(session.id, extension([node("a slow"), node("b number", value=1)]))
        items.append(coordinator.enqueue(session.id))
    while not all(part.given for part in workers.parts):
        coordinator.wait(items[0].id, 0.01)
    held.set()
    assert [coordinator.wait(item.id, DEADLINE_S).state for item in items] == [DONE, DONE]
    assert {info.name for info in coordinator.slots()} == {"w1", "w2"}
    assert {info.device for info in coordinator.slots()} == {
        event.device for event in events if hasattr(event, "device")
    }
    coordinator.shutdown(0.0)
    assert all(part.closed for part in workers.parts)


def test_a_slot_without_an_item_unloads_idle_models(monkeypatch):
    invoker, unloaded = make_invoker(MemoryStore()), threading.Event()
    monkeypatch.setattr("invocations.queueing.slot_thread.IDLE_S", 0.0)
    monkeypatch.setattr("invocations.queueing.slot_thread.POLL_S", 0.01)
    monkeypatch.setattr(invoker.services, "free_idle", unloaded.set)
    coordinator = Coordinator(invoker)
    coordinator.start()
    assert unloaded.wait(DEADLINE_S)
    coordinator.shutdown(0.0)


def test_without_workers_or_if_asked_nodes_run_in_this_process(invoker):
    assert slots_of(invoker, in_process=True) == [QueueSlot("w1")]
    alone = make_invoker(MemoryStore())
    assert [slot.how for slot in slots_of(alone)] == [{}]


def test_an_invoker_whose_nodes_run_in_its_process_can_give_them_to_one_worker(workers):
    invoker = make_invoker(MemoryStore())
    invoker._alone = lambda: workers
    (slot,) = slots_of(invoker)
    assert slot.how == {"workers": workers}
    slot.close()
    assert workers.closed


def test_worker_processes_are_split_into_single_ones_with_the_same_names():
    started = []

    def start(worker, index):
        started.append((worker, index))
        raise OSError("no processes here")

    workers = ProcessWorkers(3, start, dict)
    parts = workers.split()
    assert parts == workers.split()
    assert [part.size for part in parts] == [1, 1, 1]
    for part in reversed(parts):
        part.start()
    assert started == [("w3", 2), ("w2", 1), ("w1", 0)]
    workers.close()
    assert all(part._is_closed for part in parts)
    parts[0].close()
