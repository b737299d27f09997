"""Refuse items when too much is waiting, and items whose request makes no sense."""

from __future__ import annotations

from typing import Final

from invocations.errors import ItemMissing, ItemNotWaiting, QueueFull

from .base import WAITING, QueueItem, QueueLimits

KEPT_ENDED: Final = 1000  # how many items that have ended are kept


def check_room(item: QueueItem, limits: QueueLimits | None, waiting: int, nodes: int) -> None:
    """Refuse an item if its owner has too much waiting; `waiting` items with `nodes` nodes wait. Raises: QueueFull."""
    if limits is None:
        return
    hint = "wait until some items have run, or cancel some"
    if waiting >= limits.items:
        message = f"{waiting} items are waiting, and at most {limits.items} may wait"
        raise QueueFull(message, hint, item=item.id)
    if nodes + item.size > limits.nodes:
        message = f"{nodes} nodes are waiting and this adds {item.size}, but at most {limits.nodes} may wait"
        raise QueueFull(message, hint, item=item.id)


def missing(item_id: str) -> ItemMissing:
    """Return the error for an item that is not there."""
    hint = "it may have been removed since it ended, or with its session"
    return ItemMissing(f"there is no item `{item_id}` in the queue", hint, item=item_id)


def check_waiting(item: QueueItem) -> None:
    """Refuse to move or change an item that does not wait any more. Raises: ItemNotWaiting."""
    if item.state != WAITING:
        state = "is running" if not item.is_ended else "has ended"
        raise ItemNotWaiting(f"item `{item.id}` {state}, so its place cannot be changed", item=item.id)
