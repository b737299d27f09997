"""Sessions kept in one SQLite file: a row for each entry, written when it happens, in its own transaction."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from invocations.errors import SessionDamaged, SessionExists, SessionMissing, StoreFailed
from invocations.session import Entry, Extension
from invocations.storing.base import SessionInfo, SessionStore
from invocations.storing.entries import entry_from_json, entry_to_json

VERSION = 3  # of the tables; 1 counted the entries of a session in its row, 2 knew no scripts
_TABLES = (
    """create table if not exists sessions (
        id text primary key, created real not null, changed real not null,
        lines integer not null, first_line text not null
    ) strict, without rowid""",
    """create table if not exists entries (
        session text not null references sessions (id) on delete cascade,
        number integer not null, data text not null, primary key (session, number)
    ) strict, without rowid""",
    """create table if not exists scripts (
        session text primary key references sessions (id) on delete cascade,
        script text not null, digest text not null, noted real not null
    ) strict, without rowid""",
    "create index if not exists scripts_by_name on scripts (script, noted)",
)
_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=str).encode

Write = tuple[str, tuple[Any, ...]]  # a statement and its values


class LocalStore(SessionStore):
    """Logs in an SQLite file; opened on first use, safe among threads and processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._opened: sqlite3.Connection | None = None
        self._lengths: dict[str, int] = {}

    def create(self, session_id: str, created: float) -> None:
        row = (session_id, created, created, 0, "")
        try:
            self._write(
                [("insert into sessions (id, created, changed, lines, first_line) values (?, ?, ?, ?, ?)", row)]
            )
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                raise self._failed(error) from error
            raise SessionExists(session_id, f"there is a session `{session_id}` already") from error
        self._lengths[session_id] = 0

    def append(self, session_id: str, *entries: Entry) -> None:
        rows = [_encode(entry_to_json(entry)) for entry in entries]
        with self._lock:  # between the count and the rows nobody else may add one
            start = self._length(session_id)
            writes: list[Write] = [
                ("insert into entries values (?, ?, ?)", (session_id, number, data))
                for number, data in enumerate(rows, start)
            ]
            writes += [_line_added(session_id, entry) for entry in entries if isinstance(entry, Extension)]
            try:
                self._write(writes)
            except sqlite3.IntegrityError as error:
                hint = "another process works in it: open it again, or go on in a new session"
                message = f"session `{session_id}` was changed from elsewhere"
                raise SessionDamaged(session_id, message, hint) from error
            self._lengths[session_id] = start + len(rows)

    def created(self, session_id: str) -> float:
        rows = self._read("select created from sessions where id = ?", session_id)
        if not rows:
            raise SessionMissing(session_id, f"there is no session `{session_id}`")
        return float(rows[0][0])

    def read(self, session_id: str) -> Iterator[Entry]:
        self.created(session_id)
        rows = self._read("select number, data from entries where session = ? order by number", session_id)
        self._lengths[session_id] = len(rows)
        for expected, (number, data) in enumerate(rows):
            try:
                if number != expected:
                    raise ValueError(f"entry {expected} is missing")
                yield entry_from_json(json.loads(data), session_id)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                message = f"session `{session_id}` cannot be read: entry {number}: {error}"
                raise SessionDamaged(session_id, message) from error

    def infos(self) -> list[SessionInfo]:
        entries = "(select coalesce(max(number) + 1, 0) from entries where session = id)"
        rows = self._read(
            f"select id, created, changed, {entries}, lines, first_line from sessions order by changed desc"
        )
        return [SessionInfo(*row) for row in rows]

    def delete(self, session_id: str) -> None:
        self.created(session_id)
        self._lengths.pop(session_id, None)
        self._write(
            [
                ("delete from entries where session = ?", (session_id,)),
                ("delete from scripts where session = ?", (session_id,)),
                ("delete from sessions where id = ?", (session_id,)),
            ]
        )

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        row = (session_id, _storable(script), digest, time.time())
        self._write([("insert or replace into scripts values (?, ?, ?, ?)", row)])

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        rows = self._read("select session, digest from scripts where script = ? order by noted desc", _storable(script))
        return [(str(session), str(digest)) for session, digest in rows]

    def close(self) -> None:
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def _length(self, session_id: str) -> int:
        """Return how many entries a log has; counted once, then known."""
        known = self._lengths.get(session_id)
        if known is None:
            self.created(session_id)
            rows = self._read("select count(*) from entries where session = ?", session_id)
            known = self._lengths[session_id] = int(rows[0][0])
        return known

    def _write(self, statements: list[Write]) -> None:
        """Carry out statements in one transaction."""
        with self._lock:
            connection = self._connection()
            try:
                if len(statements) == 1:
                    connection.execute(*statements[0])
                    return
                connection.execute("begin immediate")
                try:
                    for statement in statements:
                        connection.execute(*statement)
                except BaseException:
                    connection.execute("rollback")
                    raise
                connection.execute("commit")
            except sqlite3.IntegrityError:
                raise
            except sqlite3.Error as error:
                raise self._failed(error) from error

    def _read(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            try:
                return self._connection().execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._failed(error) from error

    def _connection(self) -> sqlite3.Connection:
        """Return the connection: transactions are ours, a write waits up to 10 s for another process."""
        if self._opened is None:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                opened = sqlite3.connect(self._path, timeout=10, isolation_level=None, check_same_thread=False)
                try:
                    opened.execute("pragma journal_mode = wal")
                    opened.execute("pragma synchronous = normal")  # a power cut may lose the last moments only
                    self._prepare(opened)
                except (sqlite3.Error, StoreFailed):
                    opened.close()
                    raise
            except (OSError, sqlite3.Error) as error:
                raise self._failed(error) from error
            self._opened = opened
        return self._opened

    def _prepare(self, opened: sqlite3.Connection) -> None:
        """Make the tables, or bring older ones up to date. Raises: StoreFailed, where they are of a later version."""
        if _version(opened) == VERSION:
            return
        opened.execute("begin immediate")
        try:
            found = _version(opened)  # another process may just have made them
            if not 0 <= found <= VERSION:
                reason = f"the file is of version {found}, and this program knows version {VERSION}"
                raise StoreFailed(str(self._path), reason, "a later version wrote it: use that one, or move it away")
            for table in _TABLES:
                opened.execute(table)
            if "entries" in {row[1] for row in opened.execute("pragma table_info(sessions)")}:
                opened.execute("alter table sessions drop column entries")
            opened.execute(f"pragma user_version = {VERSION}")
        except BaseException:
            opened.execute("rollback")
            raise
        opened.execute("commit")

    def _failed(self, error: Exception) -> StoreFailed:
        return StoreFailed(str(self._path), str(error))


def _version(opened: sqlite3.Connection) -> int:
    """Return the version of a file's tables, 0 where it has none."""
    return int(opened.execute("pragma user_version").fetchone()[0])


def _storable(text: str) -> str:
    """Return a text with a shell's bytes that are no text as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _line_added(session_id: str, entry: Extension) -> Write:
    """Return what keeps the row of a session's list up to date."""
    line = _storable(entry.line)
    change = "changed = ?, lines = lines + 1, first_line = iif(lines = 0, ?, first_line)"
    return f"update sessions set {change} where id = ?", (time.time(), line, session_id)
