"""Any sequence of requests, claims, runs, kills, moves and cancellations: every item ends, once, as it should."""

from __future__ import annotations

from collections import Counter

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from invocations.errors import ItemNotWaiting
from invocations.events import NodeFinished
from invocations.queueing.base import ALL, CANCELLED, DONE, LINE, NEXT, RUNNING, SET_ASIDE, WAITING, ItemFilter
from invocations.queueing.changes import MOST_DEATHS
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.memory import MemoryQueue
from invocations.queueing.slot import QueueSlot
from tests.invocations.bench import make_invoker
from tests.invocations.kitchen_faults import Picky
from tests.invocations.queueing.desk import line_of
from tests.invocations.sessions.killed import InlineRunner, Killed, MortalStore

SLOTS = ("w1", "w2")
KINDS = ("number", "add 3", "picky 13", "picky 4", "dice")
numbers = st.integers(0, 30)


class Queues(RuleBasedStateMachine):
    """One program after another works on the same queue; each is killed sooner or later."""

    def __init__(self) -> None:
        super().__init__()
        Picky.cured = False
        self.store = MortalStore()
        self.queue = MemoryQueue(self.store)
        self.items: list[str] = []
        self.ended: dict[str, str] = {}
        self.cancelled: set[str] = set()
        self.told: dict[str, int] = {}
        self.open()
        self.sessions = [self.invoker.create().id for _ in range(3)]

    def open(self) -> None:
        """Start a program, which takes over what the last one was running."""
        self.store.left = None
        self.invoker = make_invoker(self.store, runner=InlineRunner())
        self.invoker._queue = self.queue
        slots = [QueueSlot(name) for name in SLOTS]
        self.coordinator = Coordinator(self.invoker, slots=slots, on_item=self.tell)
        self.told.clear()
        self.queue.hold(self.coordinator.id)
        self.coordinator._take_over()
        self.claimed = dict.fromkeys(range(len(SLOTS)))

    def tell(self, item) -> None:
        assert item.version > self.told.get(item.id, -1)
        self.told[item.id] = item.version

    @rule(number=numbers, kind=st.sampled_from(KINDS), batch=st.booleans(), priority=st.integers(-1, 1))
    def add_line(self, number, kind, batch, priority) -> None:
        session = self.invoker.open(self.sessions[number % 3])
        line = line_of(session, kind)
        item = self.coordinator.enqueue_graph(session.id, line, batch=batch, priority=priority)
        self.items.append(item.id)

    @rule(number=numbers, what=st.sampled_from((ALL, NEXT, "failed")))
    def add(self, number, what) -> None:
        self.items.append(self.coordinator.enqueue(self.sessions[number % 3], what).id)

    @rule(slot=st.sampled_from((0, 1)))
    def claim(self, slot) -> None:
        if self.claimed[slot] is None:
            self.claimed[slot] = self.coordinator._slots[slot]._claim()

    @rule(slot=st.sampled_from((0, 1)), death=st.none() | st.tuples(st.integers(0, 5), st.booleans()))
    def run(self, slot, death) -> None:
        item, self.claimed[slot] = self.claimed[slot], None
        if item is not None:
            self.store.left, self.store.after = death or (None, False)
            try:
                self.coordinator._slots[slot]._run(item)
            except Killed:
                self.kill()
            self.store.left = None

    @rule()
    def kill(self) -> None:
        self.queue.release(self.coordinator.id)
        self.open()

    @precondition(lambda self: self.items)
    @rule(number=numbers)
    def cancel(self, number) -> None:
        id_ = self.items[number % len(self.items)]
        if not self.coordinator.cancel(id_).is_ended or self.queue.get(id_).state == CANCELLED:
            self.cancelled.add(id_)

    @precondition(lambda self: self.items)
    @rule(number=numbers, other=numbers)
    def move(self, number, other) -> None:
        id_, before = self.items[number % len(self.items)], self.items[other % len(self.items)]
        try:
            self.coordinator.change(id_, before=before)
        except ItemNotWaiting:
            assert WAITING not in (self.queue.get(id_).state, self.queue.get(before).state) or id_ != before

    @rule(paused=st.booleans())
    def pause(self, paused) -> None:
        self.coordinator.pause(paused=paused)

    @rule(cured=st.booleans())
    def cure(self, cured) -> None:
        Picky.cured = cured

    @invariant()
    def a_session_has_one_running_item_and_an_item_ends_once(self) -> None:
        running = [item.session for item in self.queue.items(ItemFilter((RUNNING,)))]
        assert len(running) == len(set(running))
        for id_ in self.items:
            item = self.queue.get(id_)
            if item.is_ended:
                assert self.ended.setdefault(id_, item.state) == item.state

    @invariant()
    def no_node_runs_twice(self) -> None:
        for id_ in self.sessions:
            ran = Counter(each.node_id for each in self.store.read(id_) if isinstance(each, NodeFinished))
            assert {*ran.values()} <= {1}

    def teardown(self) -> None:
        self.kill()
        self.coordinator.pause(paused=False)
        while (item := self.coordinator._slots[0]._claim()) is not None:
            self.coordinator._slots[0]._run(item)
        for id_ in self.items:
            item = self.queue.get(id_)
            assert item.is_ended
            assert (item.state == SET_ASIDE) == (item.claim.deaths == MOST_DEATHS)
            assert item.state != CANCELLED or id_ in self.cancelled
            session = self.invoker.open(item.session)
            if item.what == LINE and item.state == DONE:
                assert session.line_of(f"n{item.lines[0]}").outcome == "done"
                assert (f"n{item.lines[0]}", ()) in session.results


TestQueues = Queues.TestCase
TestQueues.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
