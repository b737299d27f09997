"""Items of the queue as clients receive them, with their positions and when each will probably have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .queue_answers import QueueItemAnswer, item_answer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.queueing.base import ItemFilter, QueueItem

    from .server import Server


def queue_places(server: Server, selection: ItemFilter) -> list[QueueItemAnswer]:
    """Return the selected items with their positions and times."""
    return with_places(server, server.coordinator.items(selection))


def with_places(server: Server, items: Sequence[QueueItem]) -> list[QueueItemAnswer]:
    """Return items with their positions and times."""
    clean = server.without_paths
    if all(item.is_ended for item in items):
        return [item_answer(item, clean) for item in items]
    found = server.coordinator.standings()
    return [item_answer(item, clean, found.get(item.id)) for item in items]
