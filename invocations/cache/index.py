"""The index of the cache, an SQLite file shared by processes: entries, the files they need, and hashes of files."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

# SQLite's error messages may quote damaged bytes from the file, which raises UnicodeDecodeError
FAILURES = (sqlite3.Error, OSError, UnicodeDecodeError)
WAIT_S = 10.0  # how long to wait for other processes that use the index
PIECE_S = 0.25  # how long to wait at once
VERSION = 1  # version of the schema; an index with a different version is rebuilt
SCHEMA = """
create table if not exists entries (
    key text primary key, type text not null, used real not null, hits integer not null, bytes integer not null,
    signature text not null, result text not null);
create index if not exists by_type on entries (type, used);
create index if not exists by_use on entries (used);
create table if not exists files (name text primary key, bytes integer not null) without rowid;
create table if not exists needs (key text not null, file text not null, primary key (key, file)) without rowid;
create index if not exists by_file on needs (file);
create table if not exists digests (what text primary key, digest text not null) without rowid;
create table if not exists total (bytes integer not null);
insert into total select 0 where not exists (select 1 from total);
create trigger if not exists entry_comes after insert on entries begin update total set bytes = bytes + new.bytes; end;
create trigger if not exists entry_goes after delete on entries begin
    update total set bytes = bytes - old.bytes; delete from needs where key = old.key; end;
create trigger if not exists file_comes after insert on files begin update total set bytes = bytes + new.bytes; end;
create trigger if not exists file_grows after update on files begin
    update total set bytes = bytes + new.bytes - old.bytes; end;
create trigger if not exists file_goes after delete on files begin update total set bytes = bytes - old.bytes; end;
"""


class Row(NamedTuple):
    """A cache entry as stored in the index."""

    key: str
    type: str
    signature: str
    result: str


class IndexTotals(NamedTuple):
    """The size of the cache; `bytes` counts entries and the files they need."""

    entries: int
    files: int
    bytes: int
    hits: int


class Index:
    """One connection to the index. Every method may raise one of FAILURES, which the caller must handle.

    Each method waits up to `wait_s` seconds for other processes; once `cancelled` returns True, it waits no longer.
    """

    def __init__(self, path: Path, cancelled: Callable[[], bool] = bool) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._cancelled = cancelled
        self.wait_s = WAIT_S
        self._connection = sqlite3.connect(path, timeout=PIECE_S, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except FAILURES:
            self._connection.close()
            raise

    def get(self, key: str) -> Row | None:
        """Return the entry with this key, or None."""
        found = self._all("select key, type, signature, result from entries where key = ?", key)
        return Row(*found[0]) if found else None

    def nearest(self, type_: str, limit: int) -> list[Row]:
        """Return up to `limit` of a type's most recently used entries."""
        return [
            Row(*found)
            for found in self._all(
                "select key, type, signature, result from entries where type = ? order by used desc limit ?",
                type_,
                limit,
            )
        ]

    def put(self, row: Row, used: float, files: Sequence[tuple[str, int]]) -> None:
        """Store an entry and the files it needs as (name, bytes); 0 bytes means that the file is yet to be written."""
        with self._writing():
            self.insert(row, used, files)

    def insert(self, row: Row, used: float, files: Sequence[tuple[str, int]]) -> None:
        """Store an entry like `put`, but inside a transaction that the caller has opened with `exclusive`."""
        run = self._connection.execute
        kept = run("select hits from entries where key = ?", (row.key,)).fetchone()
        run("delete from entries where key = ?", (row.key,))
        size = len(row.key) + len(row.signature) + len(row.result)
        values = (row.key, row.type, used, kept[0] if kept else 0, size, row.signature, row.result)
        run("insert into entries values (?, ?, ?, ?, ?, ?, ?)", values)
        for name, file_size in files:
            run("insert into files values (?, ?) on conflict do nothing", (name, file_size))
            run("insert or ignore into needs values (?, ?)", (row.key, name))

    def touch(self, uses: Iterable[tuple[float, int, str]]) -> None:
        """Record that entries were used; each use is (time, number of hits, key)."""
        with self._writing():
            self._connection.executemany(
                "update entries set used = max(used, ?), hits = hits + ? where key = ?", list(uses)
            )

    def resize(self, sizes: Iterable[tuple[int, str]]) -> None:
        """Set the sizes of files; each size is (bytes, name)."""
        with self._writing():
            self._connection.executemany("update files set bytes = ? where name = ?", list(sizes))

    def unsized(self) -> list[str]:
        """Return the names of the files whose size is not known yet."""
        return [name for (name,) in self._all("select name from files where bytes = 0")]

    def drop(self, key: str) -> list[str]:
        """Remove an entry; return the files that no entry needs any more."""
        with self._writing():
            return self._drop(key)

    def drop_oldest(self, limit_bytes: int) -> list[str]:
        """Evict the least recently used entries to meet the limit; return the files that no entry needs any more."""
        freed: list[str] = []
        if self.bytes <= limit_bytes:
            return freed
        with self._writing():
            while self.bytes > limit_bytes:
                oldest = self._all("select key from entries order by used, rowid limit 1")
                if not oldest:
                    break
                freed += self._drop(oldest[0][0])
        return freed

    def clear(self) -> list[str]:
        """Remove all entries; return the names of the files that they needed."""
        with self._writing():
            files = [name for (name,) in self._all("select name from files")]
            for table in ("entries", "needs", "files", "digests"):
                self._connection.execute(f"delete from {table}")
            return files

    def shrink(self) -> None:
        """Return free pages to the file system, unless another process is using the index."""
        with suppress(sqlite3.OperationalError):
            self._connection.execute("vacuum")
            self._connection.execute("pragma wal_checkpoint(truncate)")

    def still_needed(self, file: str) -> bool:
        """Return True if any entry needs this file."""
        return bool(self._all("select 1 from needs where file = ? limit 1", file))

    def digest(self, what: str) -> str | None:
        """Return the stored hash of a file, or None; `what` identifies the file and its state."""
        found = self._all("select digest from digests where what = ?", _storable(what))
        return str(found[0][0]) if found else None

    def keep_digest(self, what: str, digest: str) -> None:
        """Store the hash of a file; `what` identifies the file and its state."""
        self._all("insert or replace into digests values (?, ?)", _storable(what), digest)

    @property
    def bytes(self) -> int:
        """The size of all entries and files in bytes."""
        rows = self._all("select bytes from total")
        if len(rows) != 1 or not isinstance(rows[0][0], int):
            raise sqlite3.DatabaseError("the table `total` is damaged")
        return rows[0][0]

    @property
    def totals(self) -> IndexTotals:
        """The number and total size of all entries and files."""
        entries, hits = self._all("select count(*), cast(coalesce(sum(hits), 0) as integer) from entries")[0]
        return IndexTotals(entries, self._all("select count(*) from files")[0][0], self.bytes, hits)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold the write lock of the index; everything that is changed in the block is changed, or nothing."""
        with self._writing():
            yield

    def close(self) -> None:
        """Close the index file."""
        with suppress(*FAILURES):
            self._connection.close()

    def _drop(self, key: str) -> list[str]:
        files = [name for (name,) in self._all("select file from needs where key = ?", key)]
        self._connection.execute("delete from entries where key = ?", (key,))
        gone = [name for name in files if not self.still_needed(name)]
        self._connection.executemany("delete from files where name = ?", [(name,) for name in gone])
        return gone

    def _prepare(self) -> None:
        run = self._all
        ((version,),) = run("pragma user_version")
        self._connection.execute("pragma synchronous = normal")  # a power cut loses only the most recent writes
        if version == VERSION:
            return
        if version:
            raise sqlite3.DatabaseError(f"another version of the program created the file ({version}, not {VERSION})")
        run("pragma journal_mode = wal")
        with self._writing():
            for statement in (*_statements(SCHEMA), f"pragma user_version = {VERSION}"):
                self._connection.execute(statement)

    def _all(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(statement, values).fetchall()
        except sqlite3.OperationalError as error:
            return self._retried(error, statement, *values).fetchall()

    def _retried(self, error: sqlite3.OperationalError, statement: str, *values: object) -> sqlite3.Cursor:
        """Execute a statement as soon as other processes allow it, or raise the error of the first attempt.

        It waits in pieces, because Ctrl-C is only handled in between.
        """
        end = time.monotonic() + self.wait_s
        while is_busy(error) and not self._connection.in_transaction and not self._cancelled():
            try:
                return self._connection.execute(statement, values)
            except sqlite3.OperationalError as another:
                if time.monotonic() >= end:
                    raise
                error = another
        raise error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        try:
            self._connection.execute("begin immediate")
        except sqlite3.OperationalError as error:
            self._retried(error, "begin immediate")
        try:
            yield
        except BaseException:
            with suppress(*FAILURES):
                self._connection.execute("rollback")
            raise
        self._connection.execute("commit")


def is_busy(error: Exception) -> bool:
    """Return True if another process is using the index."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _storable(what: str) -> str:
    """Escape the bytes of a file name that are not valid UTF-8, since SQLite stores only Unicode."""
    return what.encode("utf-8", "backslashreplace").decode()


def remove_index(path: Path) -> None:
    """Remove an unreadable index and the auxiliary files that SQLite created for it. Raises: OSError."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.unlink(f"{path}{suffix}")


def _statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one at a time, so that they can run in one transaction."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
