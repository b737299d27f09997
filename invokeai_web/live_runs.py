"""What runs while a server does: the coordinator of the queue, and the bus that its events travel on to clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from invocations.invoker import Invoker
from invocations.queueing.base import QueueItem
from invocations.queueing.coordinator import Coordinator
from invocations.queueing.slot import slots_of

from .clean_data import clean_data
from .events.base import EventBus
from .events.publisher import Publisher
from .private_paths import PrivatePaths

if TYPE_CHECKING:
    from .options import ServeOptions

LOCAL: Final = "local"


class LiveRuns:
    """The coordinator, the publisher and the bus of a server; `start` begins to run items."""

    def __init__(self, invoker: Invoker, options: ServeOptions, without_paths: PrivatePaths) -> None:
        self._without_paths = without_paths
        self.bus: EventBus = open_bus(options.events)
        self.publisher = Publisher(self.bus, without_paths=without_paths)
        self.coordinator = Coordinator(
            invoker,
            slots=slots_of(invoker, in_process=options.in_process),
            on_event=self.publisher.event,
            on_item=self._tell,
            previews=self.bus.wants_previews,
        )
        self._paused = {"paused": True, "running": False}.get(options.queue)
        self._is_started = False

    def start(self) -> None:
        """Take over the items of servers that have died, and begin to run items. Raises: StoreFailed."""
        self.coordinator.start(paused=self._paused)
        self._is_started = True

    def stop(self, seconds: float, at_once: Callable[[], bool]) -> None:
        """Run no more items, and wait for those that are running; those that are stopped wait for the next start.

        seconds: how long they may take. at_once: asked again and again; once it returns True, they are stopped
        """
        self.publisher.change("system", {"change": "shutting_down"})
        self.publisher.flush()
        if not self._is_started:
            return
        self._is_started = False
        self.coordinator.shutdown(seconds, at_once=at_once)

    def close(self) -> None:
        """Stop at once what is still running, and publish the last events."""
        self.stop(0, lambda: True)
        self.publisher.close()
        self.bus.close()

    def _tell(self, item: QueueItem) -> None:
        self.publisher.change("queue", {"change": "put", "item": clean_data(item.to_json(), self._without_paths)})


def open_bus(events: str) -> EventBus:
    """Return the bus of one process, or one that several processes share on a Redis server.

    Raises: ModuleNotFoundError, if the package `redis` is missing.
    """
    if events == LOCAL:
        from .events.local import LocalBus

        return LocalBus()
    from .events.redis import RedisBus

    return RedisBus(events)


def room_manager(events: str) -> Any:
    """Return what carries the rooms of Socket.IO between processes, or None for one process."""
    if events == LOCAL:
        return None
    from socketio import AsyncRedisManager

    return AsyncRedisManager(events)
