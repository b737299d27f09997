"""The thread of a slot, which claims one item after another and runs it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Final

from invocations.errors import ItemMissing, SessionBusy, SessionError, StoreFailed
from invocations.events import ModelLoadFinished, NodeError, NodeFinished
from invocations.frozen import frozen, mutable
from invocations.invoker import Invoker
from invocations.running.base import Run
from invocations.running.deaths import boot_id

from .announcer import Announcer, report
from .base import CANCELLED, FAILED, RUNNING, Candidates, QueueItem, QueueStore
from .changes import claimed, ended, put_back
from .eta import RunTimes
from .item_run import ItemOutcome, error_of, start
from .order import choose
from .slot import QueueSlot, SlotInfo

POLL_S: Final = 1.0  # how often to look for items that another process has added
IDLE_S: Final = 60.0
RETRY_S: Final = 2.0  # how long to wait after the store has failed, and for a session that runs elsewhere


@mutable
class ActiveItem:
    """An item that is running in a slot."""

    item: QueueItem
    run: Run | None = None
    is_cancelled: bool = False  # whether somebody cancelled the item
    is_stopped: bool = False  # whether the run was stopped because the program ends, so that the item waits again
    lines: tuple[int, ...] = ()  # the lines of the session that had not ended when the run began


@frozen
class SlotSetup:
    """What all slots of a coordinator share; `claimant` is the coordinator's id. See `Coordinator`."""

    invoker: Invoker
    claimant: str
    announcer: Announcer
    times: RunTimes
    previews: Callable[[str], bool] | None
    now: Callable[[], float]


class SlotThread:
    """Runs items in a slot until it is told to stop."""

    def __init__(self, slot: QueueSlot, setup: SlotSetup) -> None:
        self.slot = slot
        self._setup = setup
        self._invoker = setup.invoker
        self._queue: QueueStore = setup.invoker.queue
        self._announcer = setup.announcer
        self._now = setup.now
        self._lock = threading.Lock()
        self._active: ActiveItem | None = None
        self._model = self._device = ""
        self._is_ending = False  # whether no more items are claimed
        self._is_stopping = False  # whether a running item is stopped
        self._looked = time.monotonic()  # when idle models were last looked for
        self._busy: dict[str, float] = {}  # until when sessions that run elsewhere are left alone (monotonic clock)
        self._thread = threading.Thread(target=self._work, name=f"queue {slot.name}", daemon=True)

    def start(self) -> None:
        """Begin to run items."""
        self._thread.start()

    def end(self) -> None:
        """Claim no more items."""
        self._is_ending = True
        self._announcer.changed.set()

    def stop(self) -> None:
        """Stop the running item, so that it waits again."""
        with self._lock:
            self._is_stopping = self._is_ending = True
            active = self._active
            if active is not None:
                active.is_stopped = True
        if active is not None and active.run is not None:
            active.run.cancel()

    def join(self, seconds: float) -> bool:
        """Wait for the running item at most for some seconds; return True if the thread has ended."""
        if self._thread.ident is not None:
            self._thread.join(max(seconds, 0.0))
        return not self._thread.is_alive()

    def abandon(self) -> None:
        """Let the running item wait again although its run has not stopped; its run can no longer change it."""
        active = self._active
        if active is not None:
            if active.run is not None:
                active.run.abandon()
            self._update(active.item, put_back)

    def cancel(self, item_id: str) -> None:
        """Cancel an item if it is running in this slot."""
        with self._lock:
            active = self._active
            if active is None or active.item.id != item_id or active.is_cancelled:
                return
            active.is_cancelled = True
        if active.run is not None:
            active.run.cancel()

    @property
    def item_id(self) -> str:
        """The id of the running item, or ""."""
        active = self._active
        return "" if active is None else active.item.id

    def info(self) -> SlotInfo:
        """Return what the slot does."""
        active = self._active
        state = "running" if active is not None else "idle" if self._thread.is_alive() else "stopped"
        item, session = ("", "") if active is None else (active.item.id, active.item.session)
        return SlotInfo(self.slot.name, self._device, state, item, session, self._model)

    def _work(self) -> None:
        while not self._is_ending:
            seen = self._announcer.changed.count
            try:
                item = self._claim()
                if item is None:
                    self._rest(seen)
                else:
                    self._run(item)
            except StoreFailed:  # such as a full disk; whoever adds an item or looks at the queue is told
                self._announcer.changed.wait(seen, RETRY_S)
            except Exception as error:
                report(error)
                self._announcer.changed.wait(seen, RETRY_S)

    def _rest(self, seen: int) -> None:
        """Wait for a change; every minute, unload models that have been idle for as long as the settings say."""
        self._announcer.changed.wait(seen, POLL_S)
        if time.monotonic() - self._looked >= IDLE_S:
            self._looked = time.monotonic()
            self._invoker.services.free_idle()

    def _claim(self) -> QueueItem | None:
        """Claim the next item. Raises: StoreFailed."""

        def chosen(found: Candidates) -> list[QueueItem]:
            now = time.monotonic()
            self._busy = {session: end for session, end in self._busy.items() if end > now}
            waiting = [item for item in found.waiting if item.session not in self._busy]
            choice = choose(Candidates(waiting, found.turns, found.log_length), self._model, self._now())
            if choice is None:
                return []
            item, passed = choice
            item = claimed(
                item, self._setup.claimant, self.slot.name, turn=found.turns.latest + 1,
                length=found.log_length(item.session), boot=boot_id(), now=self._now(),
            )  # fmt: skip
            return [item] if passed is None else [item, passed]

        return self._queue.claim(chosen)

    def _run(self, item: QueueItem) -> None:
        """Run an item, and record how it ended."""
        active = ActiveItem(item)
        with self._lock:
            self._active = active
            active.is_stopped = self._is_stopping
        self._announcer.tell(item)
        try:
            self._finish(active)
        finally:
            with self._lock:
                self._active = None
            self._announcer.changed.set()

    def _finish(self, active: ActiveItem) -> None:
        """Run an item to its end, and store what becomes of it."""
        item, outcome = active.item, ItemOutcome()
        waits: NodeError | None = None  # why the item has to wait, although it was its turn
        try:
            self._drive(active, outcome)
        except SessionBusy as error:
            waits = error_of(error)
            self._busy[item.session] = time.monotonic() + RETRY_S
        except StoreFailed as error:
            waits = error_of(error)
            time.sleep(0 if self._is_ending else RETRY_S)
        except Exception as error:
            outcome.state, outcome.error = FAILED, error_of(error)
            if outcome.error.code == "unexpected":
                report(error)
        if active.is_stopped and not active.is_cancelled and outcome.state == CANCELLED:
            with suppress(StoreFailed, SessionError):
                self._invoker.reopen_lines(item.session, active.lines)
        self._update(item, partial(self._after, active, outcome, waits))

    def _after(self, active: ActiveItem, outcome: ItemOutcome, waits: NodeError | None, item: QueueItem) -> QueueItem:
        """Return an item after its run."""
        if not active.is_cancelled and (waits is not None or (active.is_stopped and outcome.state == CANCELLED)):
            return put_back(item, waits)
        if waits is not None:
            return ended(item, CANCELLED, self._now())
        return ended(item, outcome.state, self._now(), None if outcome.state == CANCELLED else outcome.error)

    def _how(self, item: QueueItem) -> dict[str, Any]:
        """Return the arguments of `Invoker.run` that do not depend on what the item runs."""
        wants = self._setup.previews
        return {**self.slot.how, **({} if wants is None else {"previews": partial(wants, item.session)})}

    def _drive(self, active: ActiveItem, outcome: ItemOutcome) -> None:
        """Run an item and pass its events on. Raises: InvocationError."""
        item = active.item
        with self._invoker.hold(item.session) as session:
            run = start(self._invoker, item, self._how(item))
            if run is None:
                return
            active.lines = tuple([line.number for line in session.open_lines])
            is_cancelled = self._queue.get(item.id).claim.cancelled
            with self._lock:
                active.run = run
                active.is_cancelled = active.is_cancelled or is_cancelled
                is_cancelled = active.is_cancelled or active.is_stopped
            if is_cancelled:
                run.cancel()
            for event in run:
                outcome.count(event)
                if isinstance(event, ModelLoadFinished):
                    self._model = event.model
                elif isinstance(event, NodeFinished):
                    self._device = event.device or self._device
                    self._setup.times.learn_event(session, event)
                self._announcer.deliver(item.session, event)
            outcome.settle(session, item)

    def _update(self, claimed: QueueItem, change: Callable[[QueueItem], QueueItem]) -> None:
        """Change an item that was claimed here, unless it is no longer running; wait until the store works."""

        def changed(item: QueueItem) -> QueueItem | None:
            is_same = item.state == RUNNING and item.claim.turn == claimed.claim.turn
            return change(item) if is_same else None

        while True:
            seen = self._announcer.changed.count
            try:
                self._announcer.tell(self._queue.update(claimed.id, changed))
            except ItemMissing:  # its session was deleted
                return
            except StoreFailed:
                if self._is_stopping:
                    return  # the next program finds the item running, and nobody at work on it
                self._announcer.changed.wait(seen, RETRY_S)
            else:
                return
