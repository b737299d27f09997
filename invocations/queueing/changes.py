"""How an item changes: pure functions that return the item after an event, or refuse."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from invocations.events import NodeError

from .base import RUNNING, SET_ASIDE, WAITING, QueueItem, QueuePlace

MOST_DEATHS: Final = 3
CRASHED: Final = f"it crashed the program {MOST_DEATHS} times before a node had ended, so it is set aside"


def new_item(session_id: str, what: str, now: float, **more: Any) -> QueueItem:
    """Return a new item with a unique id; `more` are other fields of `QueueItem`."""
    return QueueItem(os.urandom(8).hex(), session_id, what, now, **more)


def placed(item: QueueItem, number: float) -> QueueItem:
    """Return a new item at the end of the lane of its session."""
    return replace(item, place=QueuePlace(item.owner, item.session, number))


def claimed(item: QueueItem, claimant: str, worker: str, *, turn: int, length: int, boot: str, now: float) -> QueueItem:
    """Return an item that a coordinator has claimed for one of its slots; `length` is that of the session's log."""
    was = item.claim
    claim = replace(
        was, claimant=claimant, turn=turn, base=length if was.base < 0 else was.base, seen=length, boot=boot
    )
    place = replace(item.place, first=False, passed=0, passed_at=0.0)
    return replace(
        item, state=RUNNING, worker=worker, started=item.started or now, claim=claim, place=place, error=None
    )


def ended(item: QueueItem, state: str, now: float, error: NodeError | None = None) -> QueueItem:
    """Return an item that has ended; the error loses its traceback and its inputs."""
    short = None if error is None else replace(error, inputs=None, trace="")
    return replace(item, state=state, ended=now, error=short)


def put_back(item: QueueItem, error: NodeError | None = None) -> QueueItem:
    """Return a running item that waits again, before all others; `error` says why, if it could not run."""
    return replace(item, state=WAITING, worker="", place=replace(item.place, first=True), error=error)


def orphaned(item: QueueItem, *, length: int, boot: str, now: float) -> QueueItem:
    """Return an item whose program ended while it was running: it waits again, or is set aside.

    It is set aside after MOST_DEATHS deaths in a row since the machine was started, if nothing was recorded in the
    session's log meanwhile. If something was recorded, deaths are counted for each node (`running/deaths.py`).
    """
    was = item.claim
    deaths = was.deaths + 1 if length == was.seen and boot == was.boot else 0
    item = replace(item, claim=replace(was, deaths=deaths))
    if deaths >= MOST_DEATHS:
        error = NodeError("SetAside", CRASHED, SET_ASIDE, "add it to the queue again to try once more")
        return ended(item, SET_ASIDE, now, error)
    return put_back(item)


def moved(item: QueueItem, target: QueueItem, number: float) -> QueueItem:
    """Return an item that takes the priority and the turn of another one; `number` is its order in the lane."""
    place = replace(target.place, number=number, passed=0, passed_at=0.0)
    return replace(item, priority=target.priority, batch=target.batch, place=place)


def prioritized(item: QueueItem, priority: int) -> QueueItem:
    """Return an item with another priority."""
    return replace(item, priority=priority, place=replace(item.place, first=False))


def numbers_between(lane: Sequence[QueueItem], target: QueueItem) -> float | None:
    """Return an order for an item directly before `target` in its lane; None if the lane must be renumbered first.

    lane: the waiting items of the lane in order, without the item that moves
    """
    place = lane.index(target)
    if not place:
        return target.place.number - 1
    before = lane[place - 1].place.number
    middle = (before + target.place.number) / 2
    return middle if before < middle < target.place.number else None


def renumbered(lane: Sequence[QueueItem]) -> list[QueueItem]:
    """Return the items of a lane with whole numbers, in the same order."""
    return [replace(item, place=replace(item.place, number=float(n))) for n, item in enumerate(lane, 1)]


def raised(item: QueueItem) -> QueueItem:
    """Return an item with its version raised, as it is stored after a change."""
    return replace(item, version=item.version + 1)
