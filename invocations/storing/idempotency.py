"""Answers to requests that must not be carried out twice, kept for a day, in an SQLite file of limited size."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from invocations.errors import BadValue, InvocationError
from invocations.frozen import frozen

from .database import DatabaseFile, Write
from .presence import Presence

FILE: Final = "requests.sqlite"  # in the data folder
KEPT_S: Final = 24 * 3600.0
MAX_BYTES: Final = 32 * 2**20  # of all answers; the oldest are dropped first
MAX_ANSWER: Final = 2**20  # bytes; the request with a longer answer can only be repeated as a new one
MAX_KEY: Final = 255  # characters
TABLE: Final = """create table if not exists requests (
    key text primary key, digest text not null, began real not null, status integer not null default 0,
    headers text not null default '[]', body blob not null default x''
) strict, without rowid"""


class RequestError(InvocationError):
    """A request cannot be carried out because of its idempotency key, which is `key`."""

    code = "request"

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.key = key


class KeyReused(RequestError):
    """Another request had the same key in the last 24 hours."""

    code = "key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(key, f"the key `{key}` was used for another request", "choose a new key for each request")


class KeyInUse(RequestError):
    """The first request with the key is still being carried out."""

    code = "key_in_use"

    def __init__(self, key: str) -> None:
        super().__init__(key, f"the request with the key `{key}` is still running", "repeat it later")


@frozen
class RecordedAnswer:
    """What a request was answered with."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


class RequestRecords(DatabaseFile):
    """Remembers requests by the keys that clients chose; safe for several threads and processes.

    Use `begin`, then either `finish` or `abandon`. A request whose process has ended meanwhile may be repeated.
    """

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        super().__init__(path)
        self._now = now
        self._presence = Presence(path.with_name(path.name + ".lock"))
        self._running: set[str] = set()

    def begin(self, key: str, digest: str) -> RecordedAnswer | None:
        """Return the answer to an earlier request with this key, or None if the request is to be carried out now.

        digest: identifies the method, the path and the body of the request
        Raises: BadValue, if the key is invalid; KeyReused, if it was used for another request; KeyInUse, if the first
        request is still running; StoreFailed.
        """
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            message = "an idempotency key has 1 to 255 characters that can be printed"
            raise BadValue("Idempotency-Key", message, "a random UUID is a good key")
        found: list[RecordedAnswer] = []

        def writes() -> list[Write]:
            found.clear()
            now = self._now()
            rows = self._read("select digest, began, status, headers, body from requests where key = ?", key)
            if rows and rows[0][1] > now - KEPT_S:
                self._check(key, digest, *rows[0][:3:2])
                if rows[0][2]:
                    headers = tuple((str(name), str(value)) for name, value in json.loads(rows[0][3]))
                    found.append(RecordedAnswer(rows[0][2], bytes(rows[0][4]), headers))
                    return []
            old = ("delete from requests where began <= ?", (now - KEPT_S,))
            return [old, ("insert or replace into requests (key, digest, began) values (?, ?, ?)", (key, digest, now))]

        with self._lock:
            self._write(writes)
            if found:
                return found[0]
            self._running.add(key)
            self._presence.hold(key)
            return None

    def finish(self, key: str, answer: RecordedAnswer) -> None:
        """Record the answer to a request; one that is too long is not kept. Raises: StoreFailed."""
        if len(answer.body) > MAX_ANSWER:
            self.abandon(key)
            return
        headers = json.dumps([list(each) for each in answer.headers])
        values = (answer.status, headers, answer.body, key)
        with self._lock:
            try:
                self._write([
                    ("update requests set status = ?, headers = ?, body = ? where key = ?", values),
                    (TRIM, (MAX_BYTES,)),
                ])  # fmt: skip
            finally:
                self._end(key)

    def abandon(self, key: str) -> None:
        """Forget a request, which was refused or failed before it changed anything. Raises: StoreFailed."""
        with self._lock:
            try:
                self._write([("delete from requests where key = ?", (key,))])
            finally:
                self._end(key)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._presence.close()
            super().close()

    def _check(self, key: str, digest: str, known: str, status: int) -> None:
        if known != digest:
            raise KeyReused(key)
        if not status and (key in self._running or self._presence.is_shared(key)):
            raise KeyInUse(key)

    def _end(self, key: str) -> None:
        self._running.discard(key)
        self._presence.release(key)

    def _prepare(self, opened: sqlite3.Connection) -> None:
        opened.execute(TABLE)


# Delete the oldest answered requests until the rest is within the limit.
TRIM: Final = """delete from requests where status <> 0 and key in (
    select key from (select key, sum(length(body) + length(headers)) over (order by began desc, key) as total
                     from requests where status <> 0) where total > ?)"""
