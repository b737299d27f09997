"""The SQLite file of the session store: one connection, opened on first use, with transactional writes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from invocations.errors import MAKE_ROOM, StoreFailed

from .tables import VERSION, TooNew, prepare

# SQLite's error messages may quote damaged bytes from the file, which raises UnicodeDecodeError
DAMAGED = (sqlite3.Error, UnicodeDecodeError)
WAIT_S = 10  # how long a write waits for other processes
PIECE_S = 0.25  # how long it waits at once, because Ctrl-C is only handled in between
Write = tuple[str, tuple[Any, ...]]  # a statement and its parameters


class DatabaseFile:
    """One SQLite file, safe to use from several threads and processes; every failure raises StoreFailed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    @property
    def path(self) -> Path:
        """The path of the file."""
        return self._path

    def transact(self, statements: Callable[[], list[Write]]) -> None:
        """Execute the statements that a function returns in a transaction, which it may read in. Raises: StoreFailed.

        The function may be called again if another process is writing.
        """
        self._write(statements)

    def select(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows that a statement selects. Raises: StoreFailed."""
        return self._read(statement, *values)

    def _write(
        self, statements: list[Write] | Callable[[], list[Write]], *, durable: bool = False, end: float | None = None
    ) -> None:
        """Execute statements in one transaction; `statements` may be a function, which is called in the transaction.

        end: the time until which to wait for other processes, on the monotonic clock (default: for 10 seconds)
        """
        with self._lock, self._synced() if durable else nullcontext():
            connection = self._connection()
            try:
                if isinstance(statements, list) and len(statements) == 1:
                    connection.execute(*statements[0])
                    return
                connection.execute("begin immediate")
                try:
                    for statement in statements if isinstance(statements, list) else statements():
                        connection.execute(*statement)
                    connection.execute("commit")
                except BaseException:
                    if connection.in_transaction:  # SQLite itself ends the transaction if the disk is full
                        connection.execute("rollback")
                    raise
            except sqlite3.IntegrityError:
                raise
            except DAMAGED as error:
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                    raise self._failed(error) from error
                now = time.monotonic()
                end = now + WAIT_S if end is None else end
                if now >= end:
                    raise self._failed(error) from error
            else:
                return
        self._write(statements, durable=durable, end=end)

    @contextmanager
    def _synced(self) -> Iterator[None]:
        """Sync every commit inside this block to disk."""
        self._connection().execute("pragma synchronous = full")
        try:
            yield
        finally:
            self._connection().execute("pragma synchronous = normal")

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        stored = [storable(value) if isinstance(value, str) else value for value in values]
        with self._lock:
            try:
                return self._connection().execute(statement, stored).fetchall()
            except DAMAGED as error:
                raise self._failed(error) from error

    def _connection(self) -> sqlite3.Connection:
        """Return the connection, without implicit transactions; a write waits up to 10 s for other processes."""
        if self._opened is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                opened = sqlite3.connect(self._path, timeout=WAIT_S, isolation_level=None, check_same_thread=False)
                try:
                    opened.execute("pragma journal_mode = wal")
                    opened.execute("pragma synchronous = normal")
                    opened.execute("pragma foreign_keys = on")  # needed to delete entries together with their session
                    opened.create_function("folded", 1, str.casefold, deterministic=True)
                    self._prepare(opened)
                    opened.execute(f"pragma busy_timeout = {int(PIECE_S * 1000)}")
                except (*DAMAGED, TooNew):
                    opened.close()
                    raise
            except TooNew as error:
                reason = f"the file has version {error.version}; this program supports version {VERSION}"
                hint = "a later version of the program wrote the file: use that version, or move the file away"
                raise StoreFailed(str(self._path), reason, hint) from error
            except (OSError, *DAMAGED) as error:
                raise self._failed(error) from error
            self._opened = opened
        return self._opened

    def _prepare(self, opened: sqlite3.Connection) -> None:
        """Create the tables or migrate older ones. Raises: TooNew, sqlite3.Error."""
        prepare(opened)

    def _failed(self, error: Exception) -> StoreFailed:
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return StoreFailed(str(self._path), "the disk is full", MAKE_ROOM)
        reason = "the file is damaged" if isinstance(error, UnicodeDecodeError) else str(error)
        return StoreFailed(str(self._path), reason)


def storable(text: str) -> str:
    """Replace undecodable bytes in a string, which a shell may pass, with escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
