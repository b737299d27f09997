"""The items of the queue and the store that keeps them.

An item is a request to run a part of one session. Applications add and change items through `coordinator.Coordinator`,
which runs them. A `QueueStore` only keeps them: `order` decides which item is next, and `changes` how an item changes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any, Final

from invocations.events import NodeError
from invocations.frozen import frozen
from invocations.sessions.journal import JournalEntry

WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
SET_ASIDE: Final = "set_aside"  # it crashed the program or its process too often; it runs only if it is added again
STATES: Final = (WAITING, RUNNING, DONE, FAILED, CANCELLED, SET_ASIDE)
ENDED: Final = STATES[2:]

NEXT: Final = "next"  # the next node that is ready
ALL: Final = "all"  # every node of the session that has yet to run
LINE: Final = "line"  # the nodes of `lines`, and the nodes that they depend on
NODES: Final = "nodes"  # `nodes`, and the nodes that they depend on
RETRY: Final = "failed"  # the nodes that failed, and those that depend on them
KINDS: Final = (NEXT, ALL, LINE, NODES, RETRY)

LOCAL_OWNER: Final = "local"  # the owner of every item, as long as there is only one user
Lane = tuple[str, str]  # the owner whose turn an item takes, and its place among this owner's sessions


@frozen
class QueuePlace:
    """Where a waiting item stands.

    owner, lane: whose turn the item takes. At first, these are the item's owner and its session; an item that is moved
    before another one takes a turn of that one. number: the order within a lane. first: whether the item goes before
    all others, because its run was interrupted. passed, passed_at: how often an item with another model went before
    it, and when that happened first.
    """

    owner: str
    lane: str
    number: float = 0.0
    first: bool = False
    passed: int = 0
    passed_at: float = 0.0


@frozen
class Claim:
    """What is known about the runs of an item.

    claimant: the coordinator that claimed it last. turn: the number of this claim among all claims of the store; 0 if
    there was none. base, seen: the length of the session's log at the first and at the latest claim. boot: the id of
    the machine's boot during the latest claim. deaths: how often in a row the program ended while the item was running,
    without anything having been recorded. cancelled: whether a coordinator in another process is to cancel it.
    """

    claimant: str = ""
    turn: int = 0
    base: int = -1
    seen: int = -1
    boot: str = ""
    deaths: int = 0
    cancelled: bool = False


@frozen
class QueueItem:
    """A request to run a part of a session; times are in seconds since 1970, or 0.0.

    what: NEXT, ALL, LINE, NODES or RETRY. lines, nodes: what runs, depending on `what`. reuse: whether to use cached
    results. recompute: nodes that run even if their result is cached. priority: items with a higher priority run first.
    batch: whether lines that were typed by hand go before it. owner: who added it. state: one of STATES. worker: the
    name of the slot that runs it or ran it. error: why it failed, without a traceback. size: how many nodes had yet
    to run when it was added. model: the name of the model that it uses first, or "". sweeps, most_items: how many items
    the sweeps of its line may have (see `SweepLimit`); no limit if `most_items` is 0. seconds: how long it will take,
    as estimated when it was added; None if that is not known. version: how often it has been changed.
    """

    id: str
    session: str
    what: str
    created: float
    lines: tuple[int, ...] = ()
    nodes: tuple[str, ...] = ()
    reuse: bool = True
    recompute: tuple[str, ...] = ()
    priority: int = 0
    batch: bool = False
    owner: str = LOCAL_OWNER
    state: str = WAITING
    worker: str = ""
    started: float = 0.0
    ended: float = 0.0
    error: NodeError | None = None
    size: int = 0
    model: str = ""
    sweeps: Mapping[str, int] = field(default_factory=dict)
    most_items: int = 0
    seconds: float | None = None
    version: int = 0
    place: QueuePlace = QueuePlace("", "")
    claim: Claim = Claim()

    @property
    def is_ended(self) -> bool:
        """Whether the item has ended, so that it never changes again."""
        return self.state in ENDED

    def to_json(self) -> dict[str, Any]:
        """Return what clients see of the item as JSON data; error messages and the model may name files."""
        names = (
            "id", "session", "what", "priority", "batch", "owner", "state", "worker", "size", "model", "seconds",
            "version",
        )  # fmt: skip
        data: dict[str, Any] = {name: getattr(self, name) for name in names}
        data.update(lines=[*self.lines], nodes=[*self.nodes])
        data.update(created=self.created, started=self.started or None, ended=self.ended or None)
        error = self.error
        data["error"] = error and {"code": error.code, "message": error.message, "hint": error.hint}
        return data


@frozen
class ItemFilter:
    """Selects items; the latest come first.

    states, session, owner: only items with one of these states, of this session, of this owner; () and "" select all
    before: (created, id) of the last item of the previous page; only older items are selected
    limit: the maximum number of items; None sets no limit
    """

    states: tuple[str, ...] = ()
    session: str = ""
    owner: str = ""
    before: tuple[float, str] | None = None
    limit: int | None = None

    def fits(self, item: QueueItem) -> bool:
        """Return True if an item is selected, regardless of `limit`."""
        return (
            (not self.states or item.state in self.states)
            and self.session in ("", item.session)
            and self.owner in ("", item.owner)
            and (self.before is None or (item.created, item.id) < self.before)
        )


EVERY_ITEM: Final = ItemFilter()


@frozen
class QueueLimits:
    """How much may wait for each owner: items, and nodes in all of them together."""

    items: int = 1000
    nodes: int = 10_000


@frozen
class QueueTurns:
    """Who had a turn, and when: the number of the latest claim of each lane, and of all.

    since_batch: how many items that are no batches have been claimed since the last batch
    """

    lanes: Mapping[Lane, int] = field(default_factory=dict)
    latest: int = 0
    since_batch: int = 0


@frozen
class Candidates:
    """What the choice of the next item depends on.

    waiting: the first waiting item of each lane, separately for each priority and for batches; items of sessions that
    have a running item are left out. log_length: returns the number of entries in a session's log.
    """

    waiting: Sequence[QueueItem]
    turns: QueueTurns
    log_length: Callable[[str], int]


class QueueStore(ABC):
    """Base class of stores that keep the queue together with the sessions; safe for several threads.

    Each method is one transaction. Of the items that have ended, only the latest are kept. An item is removed together
    with its session.

    limits: how much may wait for each owner; None sets no limits
    """

    limits: QueueLimits | None = QueueLimits()

    @abstractmethod
    def add(self, item: QueueItem, *entries: JournalEntry) -> QueueItem:
        """Store a new item at the end of its lane, together with entries of its session's log: all or nothing.

        Returns the item as it is stored. Raises: QueueFull, SessionMissing, SessionChanged, StoreFailed.
        """

    @abstractmethod
    def get(self, item_id: str) -> QueueItem:
        """Return an item. Raises: ItemMissing, StoreFailed."""

    @abstractmethod
    def items(self, selection: ItemFilter = EVERY_ITEM) -> list[QueueItem]:
        """Return all items, or those that `selection` selects, the latest first. Raises: StoreFailed."""

    @abstractmethod
    def turns(self) -> QueueTurns:
        """Return who had a turn, and when. Raises: StoreFailed."""

    @abstractmethod
    def log_length(self, session_id: str) -> int:
        """Return the number of entries in a session's log. Raises: StoreFailed."""

    @abstractmethod
    def claim(self, choose: Callable[[Candidates], Sequence[QueueItem]]) -> QueueItem | None:
        """Let `choose` decide which item runs next, and store what it returns; nobody else can claim meanwhile.

        choose: returns the claimed item followed by other items that have changed, or nothing
        Returns the claimed item, or None. Raises: StoreFailed.
        """

    @abstractmethod
    def update(
        self, item_id: str, change: Callable[[QueueItem], QueueItem | None], *entries: JournalEntry
    ) -> QueueItem:
        """Store an item as `change` returns it, with a higher version, together with log entries: all or nothing.

        change: called with the item as it is stored now; if it returns None, nothing is stored
        Returns the item as it is stored. Raises: ItemMissing, StoreFailed, and whatever `change` raises.
        """

    @abstractmethod
    def move(self, item_id: str, before: str) -> QueueItem:
        """Move a waiting item directly before another one, whose priority and turn it takes.

        Returns the item as it is stored. Raises: ItemMissing, ItemNotWaiting, StoreFailed.
        """

    @abstractmethod
    def is_paused(self) -> bool:
        """Return True if no item may be claimed. Raises: StoreFailed."""

    @abstractmethod
    def pause(self, *, paused: bool) -> None:
        """Record whether items may be claimed; this is kept when the program ends. Raises: StoreFailed."""

    @abstractmethod
    def hold(self, claimant: str) -> None:
        """Let other processes know that a coordinator is at work here, until `release` or the process ends."""

    @abstractmethod
    def release(self, claimant: str) -> None:
        """Let other processes know that a coordinator has ended."""

    @abstractmethod
    def is_held(self, claimant: str) -> bool:
        """Return True if a coordinator is at work, in this process or another one."""
