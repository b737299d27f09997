"""The index of models: what each file is, by its path and its state, so that a known file is not opened again.

It is a cache: an index that is damaged is removed, one that cannot be read or written is ignored, and no run fails.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

# SQLite's error messages may quote damaged bytes from the file, which raises UnicodeDecodeError
FAILURES = (sqlite3.Error, OSError, UnicodeDecodeError)
UNAVAILABLE = (  # codes of errors after which the index may still be whole
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
)  # fmt: skip
TIMEOUT_S = 0.5  # how long another process may block the index before it is ignored
TABLE = """create table if not exists models (
    path text primary key, stamp text not null, data text not null, added real not null) without rowid"""


class IndexedModel(NamedTuple):
    """What is stored about one file. stamp: its state when it was recognized. added: seconds since 1970."""

    path: str
    stamp: str
    data: str
    added: float


class ModelIndex:
    """The index file. rules: identifies the version of the rules; models that other rules recognized are dropped."""

    def __init__(self, path: Path, rules: int) -> None:
        self._path = path
        self._rules = rules

    def read(self) -> dict[str, IndexedModel]:
        """Return all stored models by path, or an empty mapping if the index cannot be read."""
        if not os.path.isfile(self._path):
            return {}
        try:
            with closing(self._open("ro")) as connection:
                if connection.execute("pragma user_version").fetchone()[0] != self._rules:
                    return {}
                rows = connection.execute("select path, stamp, data, added from models").fetchall()
                return {row[0]: IndexedModel(*row) for row in rows if _is_valid(row)}
        except FAILURES as error:
            self._remove_if_damaged(error)
            return {}

    def write(self, changed: Iterable[IndexedModel], gone: Iterable[str]) -> None:
        """Store the changed models and drop those at the paths in `gone`; a failure is ignored.

        Models whose paths are not UTF-8 cannot be stored, so they are recognized again each time.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open("rwc")) as connection:
                self._prepare(connection)
                connection.execute("begin immediate")
                dropped, rows = [(path,) for path in gone if _is_text(path)], [*filter(_is_storable, changed)]
                connection.executemany("delete from models where path = ?", dropped)
                connection.executemany("insert or replace into models values (?, ?, ?, ?)", rows)
                connection.execute("commit")
        except FAILURES as error:
            self._remove_if_damaged(error)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("pragma synchronous = off")  # a damaged index is rebuilt
        if connection.execute("pragma user_version").fetchone()[0] != self._rules:
            connection.execute("drop table if exists models")
            connection.execute(f"pragma user_version = {self._rules:d}")
        connection.execute(TABLE)

    def _open(self, mode: str) -> sqlite3.Connection:
        uri = f"{self._path.absolute().as_uri()}?mode={mode}"
        return sqlite3.connect(uri, uri=True, timeout=TIMEOUT_S, isolation_level=None)

    def _remove_if_damaged(self, error: Exception) -> None:
        if isinstance(error, OSError) or getattr(error, "sqlite_errorcode", 0) & 0xFF in UNAVAILABLE:
            return
        for end in ("", "-journal"):
            with suppress(OSError):
                self._path.with_name(self._path.name + end).unlink()


def _is_valid(row: tuple[object, ...]) -> bool:
    return all(isinstance(text, str) for text in row[:3]) and isinstance(row[3], (int, float))


def _is_storable(row: IndexedModel) -> bool:
    return _is_text(row.path) and _is_text(row.stamp)


def _is_text(text: str) -> bool:
    """Return False if a string has bytes that are not UTF-8, which Python keeps as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
