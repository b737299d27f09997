"""Changes of the queue as all clients receive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .queue_answers import item_answer

if TYPE_CHECKING:
    from invocations.queueing.base import QueueItem

    from .events.publisher import Publisher


def told(publisher: Publisher, item: QueueItem) -> None:
    """Tell all clients about a change of an item; positions and times are left out, because others change with it."""
    answer = item_answer(item, publisher.without_paths)
    publisher.change("queue", {"put": answer.model_dump(exclude={"position", "eta"})})
