"""The events of a session on a server, read in a thread as they happen; a broken connection is opened again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlencode

from invocations.foreign import ForeignData, json_data
from invocations.services.errors import ServiceError

from .connection import EventStream, ServerConnection

NDJSON: Final = "application/x-ndjson"
MAX_LINE_BYTES: Final = 16 * 2**20
WAIT_S: Final = 0.2  # before a broken connection is opened again; doubled each time
MAX_WAIT_S: Final = 5.0
GIVE_UP_S: Final = 60.0  # how long the server may be away


class EventFeed:
    """Reads the events of a session and passes each to `deliver`, as JSON data; so is a reset, which has no `event`.

    failed: called if the server refuses, or stays away
    """

    def __init__(
        self,
        connection: ServerConnection,
        session_id: str,
        deliver: Callable[[dict[str, Any]], None],
        failed: Callable[[ServiceError], None],
    ) -> None:
        self._connection = connection
        self._path = f"/sessions/{session_id}/events"
        self._deliver = deliver
        self._failed = failed
        self._after, self._epoch = 0, ""
        self._closed = threading.Event()
        self._answer: EventStream | None = None
        threading.Thread(target=self._read_all, name="events", daemon=True).start()

    def close(self) -> None:
        """End the feed; the thread ends with its connection."""
        self._closed.set()
        answer = self._answer
        if answer is not None:
            answer.interrupt()

    def _read_all(self) -> None:
        waited, wait = 0.0, WAIT_S
        while not self._closed.is_set():
            before = self._after
            try:
                self._read()
                error = None
            except ServiceError as refused:
                error = refused
            if self._closed.is_set():
                return
            if self._after > before:
                waited, wait = 0.0, WAIT_S
            if waited >= GIVE_UP_S or (error is not None and error.fields.get("status") in (401, 403, 404)):
                message = f"the server at {self._connection.address.text} ends its events again and again"
                self._failed(error or ServiceError(message, code="server_refused"))
                return
            self._closed.wait(wait)
            waited, wait = waited + wait, min(2 * wait, MAX_WAIT_S)

    def _read(self) -> None:
        """Read events until the connection ends. Raises: ServiceError, if there is no connection."""
        query = urlencode({"after": self._after, **({"epoch": self._epoch} if self._epoch else {})})
        self._answer = answer = self._connection.stream(f"{self._path}?{query}", NDJSON)
        if self._closed.is_set():
            answer.interrupt()
        try:
            while line := answer.readline(MAX_LINE_BYTES):
                self._take(line)
        except (OSError, ValueError, HTTPException, ForeignData):  # the connection was closed, here or there
            return
        finally:
            answer.close()

    def _take(self, line: bytes) -> None:
        data = json_data(line) if line.strip() else None
        if not isinstance(data, dict):
            return
        self._epoch = str(data.get("epoch", self._epoch))
        number = data.get("number")
        if "event" not in data:  # a reset: events are lost, and what follows continues at `last`
            self._after = int(data.get("last", self._after))
            self._deliver(data)
        elif isinstance(number, int) and number > self._after:
            self._after = number
            self._deliver(data)
