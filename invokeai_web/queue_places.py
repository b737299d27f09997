"""Items of the queue with their positions, and when each will probably have ended."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from invocations.queueing.base import DONE, RUNNING, WAITING, ItemFilter
from invocations.queueing.order import arranged

from .queue_answers import QueueItemAnswer, item_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from invocations.queueing.base import QueueItem

    from .server import Server

REMEMBERED: Final = 200  # items that have ended, from which times are estimated


def queue_places(server: Server, selection: ItemFilter) -> list[QueueItemAnswer]:
    """Return the selected items with their positions and times."""
    return with_places(server, server.coordinator.items(selection))


def with_places(server: Server, items: Sequence[QueueItem]) -> list[QueueItemAnswer]:
    """Return items with their positions and times; these are computed only if one of the items has not ended."""
    clean = server.without_paths
    if all(item.is_ended for item in items):
        return [item_answer(item, clean) for item in items]
    queue = server.invoker.queue
    waiting = [*arranged(queue.items(ItemFilter((WAITING,))), queue.turns())]
    positions = {item.id: number for number, item in enumerate(waiting, 1)}
    running = queue.items(ItemFilter((RUNNING,)))
    ended = queue.items(ItemFilter((DONE,), limit=REMEMBERED))
    times = estimated(running, waiting, ended, max(len(server.coordinator.slots()), 1), time.time())
    return [item_answer(item, clean, position=positions.get(item.id), eta=times.get(item.id)) for item in items]


def estimated(
    running: Iterable[QueueItem], waiting: Iterable[QueueItem], ended: Iterable[QueueItem], slots: int, now: float
) -> dict[str, float]:
    """Return when each item will have ended, from how long a node took in earlier items with the same model.

    slots: how many items run at once. {} if no item has ended yet.
    """
    seconds: dict[str, list[float]] = {}
    for item in ended:
        if item.size:
            each = (item.ended - item.started) / item.size
            seconds.setdefault(item.model, []).append(each)
    if not seconds:
        return {}
    usual = {model: sorted(found)[len(found) // 2] for model, found in seconds.items()}
    every = sorted(sum(seconds.values(), []))
    default = every[len(every) // 2]
    found: dict[str, float] = {}
    free = [now] * slots
    for place, item in enumerate(running):
        end = max(now, item.started + usual.get(item.model, default) * item.size)
        found[item.id] = end
        free[place % slots] = max(free[place % slots], end)
    for item in waiting:
        first = free.index(min(free))
        free[first] += usual.get(item.model, default) * item.size
        found[item.id] = free[first]
    return found
