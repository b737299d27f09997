"""The session on a server in which the steps of runs here are computed, and its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Final

from invocations.services.errors import ServiceError

from .connection import ServerConnection, escaped
from .feed import EventFeed
from .reports import ENDS
from .server_nodes import NewNode

END_S: Final = 60.0  # how long a run on the server may take to end after its last node
CLOSE_S: Final = 5.0  # the same, before the session is removed
ENDED: Final = frozenset({"done", "failed", "cancelled", "set_aside"})  # states of an item of the queue
Arrived = Mapping[str, Any] | ServiceError


class ServerSession:
    """A session that is created when it is first needed; `leave` makes room for another one."""

    def __init__(self, connection: ServerConnection) -> None:
        self._connection = connection
        self._id = ""
        self._item = ""  # the item of the queue that runs, or ran last
        self._feed: EventFeed | None = None
        self._arrived: SimpleQueue[Arrived] = SimpleQueue()
        self._is_running = False  # whether the server has not said yet that the latest run has ended
        self._left: list[str] = []  # sessions that are no longer used

    @property
    def is_quiet(self) -> bool:
        """Whether nothing has arrived that was not taken."""
        return self._arrived.empty()

    def open(self) -> bool:
        """Create the session and follow its events, if there is none; return True if so. Raises: ServiceError."""
        if self._id:
            return False
        found = self._connection.json("POST", "/sessions", {})
        self._id = str(found["id"])
        self._feed = EventFeed(self._connection, self._id, self._arrived.put, self._arrived.put)
        return True

    def add(self, node: NewNode) -> None:
        """Add a node with its links. Raises: ServiceError."""
        self._connection.json("POST", f"/sessions/{self._id}/nodes", node.to_json())

    def run(self, nodes: Sequence[str]) -> int:
        """Let the server run nodes, and return their position in its queue, from 1. Raises: ServiceError."""
        item = self._connection.json("POST", f"/sessions/{self._id}/invocations", {"what": [*nodes]})
        self._item, self._is_running = str(item.get("id", "")), True
        return int(item.get("position") or 1)

    def next(self, seconds: float) -> Arrived:
        """Return what arrives next: an event, a reset, or why the feed has ended. Raises: Empty."""
        arrived = self._arrived.get(timeout=seconds) if seconds else self._arrived.get_nowait()
        if isinstance(arrived, ServiceError) or arrived.get("event") in ENDS:
            self._is_running = False
        return arrived

    def await_end(self, seconds: float = END_S) -> None:
        """Wait until the server says that the latest run has ended. Raises: ServiceError."""
        while self._is_running:
            try:
                arrived = self.next(seconds)
                if isinstance(arrived, ServiceError) or "event" not in arrived:
                    self.leave()
            except Empty:
                why = f"the server at {self._connection.address.text} does not end the node before"
                raise ServiceError(why, code="server_refused") from None

    def cancel(self) -> bool:
        """Cancel what runs and waits; return True if nothing runs any more."""
        if not self._is_running:
            return False
        with suppress(ServiceError):  # the run ends anyway
            found = self._connection.json("DELETE", f"/sessions/{self._id}/invocations") or {}
            items = found.get("items") or ()
            if items and all(item.get("state") in ENDED for item in items):
                self._is_running = False
                return True
        return False

    def ended(self) -> ServiceError | None:
        """Return why the latest run has ended, or None if it has not. Raises: ServiceError."""
        if not self._item:
            return None
        item = self._connection.json("GET", f"/queue/{escaped(self._item)}")
        if item.get("state") not in ENDED:
            return None
        error = item.get("error") or {}
        message = str(error.get("message") or f"the server has not run this node: its run is {item['state']}")
        return ServiceError(message, str(error.get("hint") or ""), code=str(error.get("code") or "server_refused"))

    def leave(self) -> None:
        """Use another session from now on."""
        if self._feed is not None:
            self._feed.close()
        if self._id:
            self._left.append(self._id)
        self._id, self._item, self._feed, self._is_running = "", "", None, False
        self._arrived = SimpleQueue()

    def close(self) -> None:
        """Remove the sessions from the server."""
        with suppress(ServiceError):
            self.await_end(CLOSE_S)
        self.leave()
        for session in self._left:
            with suppress(ServiceError):  # it is still running, or the server is away
                self._connection.json("DELETE", f"/sessions/{session}")
        self._left.clear()
