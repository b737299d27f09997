"""The coordinator of a process: it runs the items of the queue, and is what applications use to add and change them.

    coordinator = Coordinator(invoker, on_event=publish, on_item=tell)
    coordinator.start()
    item = coordinator.enqueue(session_id)                    # run everything in a session
    item = coordinator.enqueue_line(session_id, lambda item: workspace.add(plan, item=item))
    coordinator.cancel(item.id)
    coordinator.shutdown()
    invoker.close()

All methods may be called from any thread. Several processes may each have a coordinator for the same sessions: each
claims items that nobody else has claimed, and if one of them dies, the others take over what it was running.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from invocations.errors import BadValue, ItemMissing, StoreFailed
from invocations.invoker import Invoker
from invocations.sessions.journal import Extension

from .announcer import Announcer, OnEvent, OnItem
from .base import ALL, EVERY_ITEM, LINE, RUNNING, WAITING, ItemFilter, QueueItem
from .changes import new_item, prioritized
from .content import PRIORITIES, nodes_of
from .eta import QueueStanding, RunTimes, standings
from .limits import check_waiting
from .slot import QueueSlot, SlotInfo
from .slot_thread import POLL_S, SlotSetup, SlotThread
from .takeover import take_over

SHUTDOWN_S: Final = 20.0  # how long items that are running may go on when the program ends
GRACE_S: Final = 10.0  # how long a cancelled run may take to stop; a step of a large model takes a few seconds
LOOK_S: Final = 0.1  # how often to ask whether to end at once
ONE_SLOT: Final = (QueueSlot("w1"),)


def _ignore(*_: object) -> None:
    return None


class Coordinator:
    """Runs the items of the queue, one per slot at a time, and tells an application what happens.

    slots: where items run, each in a thread; see `slot.slots_of` (default: one, whose nodes run in this process)
    on_event: called with the id of the session and each event of its run, in order, in the thread of the slot. While
        it has not returned, the run goes on, but its events wait in memory, so it should return quickly.
    on_item: called with each item that was added or has changed through this coordinator. The versions of an item are
        told in order, although an old one may be left out. It is called in the thread that made the change, while other
        changes wait: it must return quickly, and must not wait for a thread that calls the coordinator.
    previews: called with the id of a session before each step that could have a preview; returns True while somebody
        wants to see previews of that session (default: never). Previews are in the events of the steps.
    now: returns seconds since 1970

    An exception that `on_event` or `on_item` raises is printed like one that ends a thread; the run goes on.
    """

    def __init__(
        self,
        invoker: Invoker,
        *,
        slots: Sequence[QueueSlot] = ONE_SLOT,
        on_event: OnEvent = _ignore,
        on_item: OnItem = _ignore,
        previews: Callable[[str], bool] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.id: Final = os.urandom(8).hex()
        self._invoker = invoker
        self._queue = invoker.queue
        self._now = now
        self._announcer = Announcer(on_event, on_item)
        self._times = RunTimes()
        setup = SlotSetup(invoker, self.id, self._announcer, self._times, previews, now)
        self._slots = [SlotThread(slot, setup) for slot in slots]
        self._is_ended = threading.Event()
        self._watch = threading.Thread(target=self._watched, name="queue watch", daemon=True)

    def start(self, *, paused: bool | None = None) -> None:
        """Take over the items of processes that have died, and begin to run items.

        paused: pause the queue, or let it go on (default: as it was when the last coordinator ended)
        Raises: StoreFailed.
        """
        self._queue.hold(self.id)
        if paused is not None:
            self._queue.pause(paused=paused)
        self._take_over()
        for slot in self._slots:
            slot.start()
        self._watch.start()

    def enqueue(self, session_id: str, what: str = ALL, **more: Any) -> QueueItem:
        """Add a request to run a part of a session: its next node, all nodes, some nodes, or what has failed.

        what: NEXT, ALL, NODES (then `nodes` names them) or RETRY, see `base`
        more: nodes, reuse, recompute, priority (-100 to 100), batch, owner; see `QueueItem`
        Returns the item as it is stored. Raises: BadValue, MissingNode, QueueFull, SessionMissing, SessionDamaged,
        SessionNotTrusted, StoreFailed.
        """
        return self._added(self._invoker.enqueue(new_item(session_id, what, self._now(), **more)))

    def enqueue_line(self, session_id: str, add: Callable[[QueueItem], object], **more: Any) -> QueueItem:
        """Add a line to a session together with the item that runs it: both or neither.

        add: called once with the new item; it adds the line by `Workspace.add(plan, item=item)`, or in any other way
            that ends in `Invoker.enqueue(item, extension)`
        more: reuse, recompute, priority, batch, owner, most_items; see `QueueItem`
        Returns the item as it is stored; its `lines` hold the number of the line. Raises: QueueFull, SessionChanged,
        SessionNotTrusted, StoreFailed, and whatever `add` raises.
        """
        item = new_item(session_id, LINE, self._now(), **more)
        add(item)
        return self._added(self._queue.get(item.id))

    def enqueue_graph(self, session_id: str, extension: Extension, **more: Any) -> QueueItem:
        """Add nodes and edges to a session together with the item that runs them: both or neither.

        more, and what is returned and raised: see `enqueue_line`; also GraphError
        """
        return self.enqueue_line(session_id, lambda item: self._invoker.enqueue(item, extension), **more)

    def item(self, item_id: str) -> QueueItem:
        """Return an item. Raises: ItemMissing, StoreFailed."""
        return self._queue.get(item_id)

    def items(self, selection: ItemFilter = EVERY_ITEM) -> list[QueueItem]:
        """Return all items, or those that `selection` selects, the latest first. Raises: StoreFailed."""
        return self._queue.items(selection)

    def cancel(self, item_id: str) -> QueueItem:
        """Cancel an item, wherever it runs.

        A waiting item ends at once. A running one stops at its next step, and ends after the event SessionCancelled;
        until then its state is RUNNING and `claim.cancelled` is True. One that has ended stays as it is.
        Returns the item as it is stored. Raises: ItemMissing, StoreFailed.
        """
        item = self._invoker.cancel(item_id)
        for slot in self._slots:
            slot.cancel(item_id)
        self._announcer.tell(item)
        return item

    def cancel_all(self, selection: ItemFilter) -> list[QueueItem]:
        """Cancel all selected items that wait or run; return them as they are stored. Raises: StoreFailed.

        For example, ItemFilter(session=ID) selects those of a session, ItemFilter((WAITING,)) all that wait.
        """
        cancelled = []
        for item in self._queue.items(selection):
            if not item.is_ended:
                try:
                    cancelled.append(self.cancel(item.id))
                except ItemMissing:  # removed with its session meanwhile
                    continue
        return cancelled

    def change(self, item_id: str, *, priority: int | None = None, before: str | None = None) -> QueueItem:
        """Change the priority of a waiting item, or move it directly before another one, whose priority it takes.

        Returns the item as it is stored. Raises: BadValue, ItemMissing, ItemNotWaiting, StoreFailed.
        """
        if priority is not None and priority not in PRIORITIES:
            raise BadValue("priority", f"the priority {priority} is not between -100 and 100")

        def changed(item: QueueItem) -> QueueItem | None:
            check_waiting(item)
            return None if priority is None else prioritized(item, priority)

        item = self._queue.update(item_id, changed)
        if before is not None:
            item = self._queue.move(item_id, before)
        self._announcer.tell(item)
        return item

    @property
    def is_paused(self) -> bool:
        """Whether no waiting item begins to run; those that are running go on. Raises: StoreFailed."""
        return self._queue.is_paused()

    def pause(self, *, paused: bool = True) -> None:
        """Pause the queue, or let it go on; this is kept when the program ends. Raises: StoreFailed."""
        self._queue.pause(paused=paused)
        self._announcer.changed.set()

    def wait(self, item_id: str, seconds: float | None = None) -> QueueItem:
        """Wait until an item has ended, at most for some seconds, and return it as it is then.

        Raises: ItemMissing, StoreFailed.
        """
        return self._announcer.wait(lambda: self._queue.get(item_id), seconds, POLL_S)

    def standings(self) -> dict[str, QueueStanding]:
        """Return the position of each item that runs or waits, and when it will probably begin and end, by its id.

        Positions do not consider which models are loaded. Raises: StoreFailed.
        """
        running, waiting = (self._queue.items(ItemFilter((state,))) for state in (RUNNING, WAITING))
        slots = 0 if self._queue.is_paused() else len(self._slots)
        return standings(running, waiting, self._queue.turns(), slots=slots, now=self._now())

    def slots(self) -> list[SlotInfo]:
        """Return what each slot is doing."""
        return [slot.info() for slot in self._slots]

    def shutdown(
        self,
        seconds: float = SHUTDOWN_S,
        *,
        at_once: Callable[[], bool] = lambda: False,
        grace: float = GRACE_S,
    ) -> list[QueueItem]:
        """Claim no more items, and wait for those that are running; after some seconds, stop them.

        Items that were stopped wait again, before all others; they are returned. Afterward, `Invoker.close` may be
        called. A second call does nothing.

        at_once: asked again and again while items are running; once it returns True, they are stopped at once
        grace: how long to wait for runs that have been told to stop, before leaving them alone
        """
        running = [slot for slot in self._slots if slot.item_id]
        before = [slot.item_id for slot in running]
        for slot in self._slots:
            slot.end()
        for slot in self._still_running(seconds, at_once):
            slot.stop()
        for slot in self._still_running(grace, lambda: False):
            slot.abandon()
        self._is_ended.set()
        self._announcer.changed.set()
        if self._watch.ident is not None:
            self._watch.join()
        self._queue.release(self.id)
        for slot in self._slots:
            slot.slot.close()
        return [item for item in map(self._found, before) if item is not None and item.state == WAITING]

    def _still_running(self, seconds: float, at_once: Callable[[], bool]) -> list[SlotThread]:
        """Wait for the slots to end; return those that have not."""
        end = time.monotonic() + seconds
        while True:
            left = [slot for slot in self._slots if not slot.join(0.0)]
            wait = min(end - time.monotonic(), LOOK_S)
            if not left or wait <= 0 or at_once():
                return left
            left[0].join(wait)

    def _added(self, item: QueueItem) -> QueueItem:
        """Tell about a new item, with an estimate of its time if there is one."""
        with suppress(ItemMissing):
            session = self._invoker.open(item.session)
            seconds = self._times.seconds(session, nodes_of(item, session), model=item.model, sweeps=item.sweeps)
            if seconds is not None:
                item = self._queue.update(item.id, lambda item: replace(item, seconds=seconds))
        self._announcer.tell(item)
        return item

    def _found(self, item_id: str) -> QueueItem | None:
        try:
            return self._queue.get(item_id)
        except (ItemMissing, StoreFailed):
            return None

    def _watched(self) -> None:
        """Look every second for items that were cancelled elsewhere, and for those of processes that have died."""
        with suppress(StoreFailed):
            self._times.learn(self._invoker.past_runs())
        while not self._is_ended.wait(POLL_S):
            try:
                for slot in self._slots:
                    if (id_ := slot.item_id) and self._queue.get(id_).claim.cancelled:
                        slot.cancel(id_)
                self._take_over()
            except (StoreFailed, ItemMissing):
                continue

    def _take_over(self) -> None:
        """Let the items of coordinators that have died wait again. Raises: StoreFailed."""
        for item in take_over(self._queue, self._now()):
            self._announcer.tell(item)
            if item.state == WAITING and item.claim.cancelled:
                self.cancel(item.id)
