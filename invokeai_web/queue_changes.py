"""Changes of the queue as all clients receive them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .queue_answers import item_answer

if TYPE_CHECKING:
    from invocations.queueing.base import QueueItem

    from .events.publisher import Publisher


def told(publisher: Publisher, item: QueueItem) -> None:
    """Tell all clients about a change of an item, and about the images that it has made.

    Positions and times are left out, because those of other items change with them.
    """
    answer = item_answer(item, publisher.without_paths)
    publisher.change("queue", {"put": answer.model_dump(exclude={"position", "eta"})})
    if item.is_ended:
        publisher.change("gallery", {"changed": {"session": item.session}})
