"""Take over the items of coordinators that have died."""

from __future__ import annotations

from invocations.errors import ItemMissing
from invocations.running.deaths import boot_id

from .base import RUNNING, ItemFilter, QueueItem, QueueStore
from .changes import orphaned


def take_over(queue: QueueStore, now: float) -> list[QueueItem]:
    """Let the items that nobody is at work on wait again, or set them aside; return them. Raises: StoreFailed."""
    taken = []
    for item in queue.items(ItemFilter((RUNNING,))):
        if queue.is_held(item.claim.claimant):
            continue

        def change(found: QueueItem, item: QueueItem = item) -> QueueItem | None:
            if found.state != RUNNING or found.claim.turn != item.claim.turn:
                return None  # another coordinator was faster
            return orphaned(found, length=queue.log_length(item.session), boot=boot_id(), now=now)

        try:
            taken.append(queue.update(item.id, change))
        except ItemMissing:  # removed with its session meanwhile
            continue
    return taken
