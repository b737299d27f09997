"""Store sessions in one SQLite file: one row per entry, written in its own transaction as soon as its event occurs.

A power cut may lose the last rows (WAL, `synchronous = normal`); their nodes then run again with the same results. Only
one kind of row must not be lost: the one that records that a node is about to write one of the user's files
(`Claimed`). Without that row, the node would find its own file and refuse to overwrite it, or write a second file.
Therefore this row and all rows before it are synced to disk (`full`) before the file appears, and the file and its name
are synced before the row that marks the node as finished is written. The cost is two syncs for each saved image.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.errors import SessionBusy, SessionChanged, SessionDamaged, SessionExists, SessionMissing, StoreFailed
from invocations.events import NodeFinished
from invocations.sessions.session import Claimed, JournalEntry
from invocations.values import ImageRef

from .base import ALL, LOCAL, LineInfo, SessionFilter, SessionInfo, SessionStore
from .database import DatabaseFile, Write, storable
from .entries import entry_from_json
from .listing import count_lines, infos_statement, lines_statement, rows_of
from .presence import Presence
from .tables import CHANGE, COUNT, CREATE, DESCRIBE, DESCRIBE_FIRST

if TYPE_CHECKING:
    from .gallery.indexing import GalleryIndex
    from .gallery.local import LocalGallery
    from .past_runs import PastRun
    from .totals import SessionTotals

MAY_CONTAIN = (ImageRef, list, tuple)


class LocalStore(DatabaseFile, SessionStore):
    """Stores logs in an SQLite file, which is opened on first use; safe for several threads and processes."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._known: dict[str, int] = {}  # for each log, how many entries from its start this process has seen
        self._next: dict[str, int] = {}  # for each log, the number of the next entry
        self._lines: dict[str, int] = {}
        self._presence = Presence(path.with_name(path.name + ".lock"))

    @cached_property
    def gallery(self) -> LocalGallery:
        """The images that were made, in the same file."""
        from .gallery.local import LocalGallery  # imported on demand, because most lines make no images

        return LocalGallery(self._read, self._write)

    @cached_property
    def _index(self) -> GalleryIndex:
        from .gallery.indexing import GalleryIndex

        return GalleryIndex(self._read, lambda: self.__dict__.get("gallery"))

    def create(
        self, session_id: str, created: float, entries: Iterable[JournalEntry] = (), *, imported: bool = False,
        title: str = "", owner: str = LOCAL,
    ) -> None:  # fmt: skip
        row = (session_id, created, created, 0, "", int(imported), storable(title), storable(owner))
        writes: list[Write] = [(CREATE, row)]
        entries = tuple(entries)
        writes += rows_of(session_id, 0, 0, entries)
        if entries:
            writes.append((f"update sessions set {COUNT} where id = ?", (session_id,)))
        if not imported:
            writes += self._images_in(session_id, entries)
        try:
            self._write(writes)
        except sqlite3.IntegrityError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
                raise self._failed(error) from error
            raise SessionExists(session_id, f"session `{session_id}` already exists") from error
        self._note(session_id, len(entries), count_lines(entries))
        self._presence.hold(session_id)

    def append(self, session_id: str, *entries: JournalEntry) -> None:
        self.append_with(session_id, entries)

    def append_with(
        self, session_id: str, entries: Sequence[JournalEntry], more: Callable[[], list[Write]] | None = None
    ) -> None:
        """Append entries together with the statements that `more` returns in the same transaction, all or none.

        Raises: see `append`, and whatever `more` raises.
        """
        with self._lock:
            if session_id not in self._next:
                self._look(session_id)
            start, lines = self._next[session_id], self._lines[session_id]
            try:
                durable = Claimed in map(type, entries)
                rows = [*rows_of(session_id, start, lines, entries), *self._images_in(session_id, entries)]
                self._write(rows if more is None else lambda: [*rows, *more()], durable=durable)
            except sqlite3.IntegrityError:  # the entry's number is taken, or the session was removed
                start = self._append_after(session_id, lines, entries, more)
            except BaseException:
                self._forget_images(session_id)
                raise
            if self._known[session_id] == start:
                self._known[session_id] += len(entries)
            self._next[session_id] = start + len(entries)
            self._lines[session_id] = lines + count_lines(entries)
            self._presence.hold(session_id)
            self._tell_images()

    def is_behind(self, session_id: str) -> bool:
        with self._lock:
            known = self._known.get(session_id)
            return known is not None and known != self.length(session_id)

    def in_use(self, session_id: str) -> bool:
        return self._path.exists() and self._presence.is_shared(session_id)

    def created(self, session_id: str) -> float:
        rows = self._read("select created from sessions where id = ?", session_id)
        if not rows:
            raise SessionMissing(session_id, f"there is no session `{session_id}`")
        return float(rows[0][0])

    def imported(self, session_id: str) -> bool:
        self.created(session_id)
        return bool(self._read("select imported from sessions where id = ?", session_id)[0][0])

    def read(self, session_id: str) -> Iterator[JournalEntry]:
        from invocations.foreign import stored_json  # imported late because only reading needs it

        self.created(session_id)
        with self._lock:
            rows = self._read("select number, data from entries where session = ? order by number", session_id)
            self._note(session_id, len(rows), sum(data.startswith('{"entry":"extension"') for _, data in rows))
        for expected, (number, data) in enumerate(rows):
            try:
                if number != expected:
                    raise ValueError(f"entry {expected} is missing")
                yield entry_from_json(stored_json(data), session_id)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
                message = f"session `{session_id}` cannot be read: entry {number}: {error}"
                raise SessionDamaged(session_id, message) from error

    def infos(self, selection: SessionFilter = ALL) -> list[SessionInfo]:
        statement, values = infos_statement(selection)
        found = [SessionInfo(*row) for row in self._read(statement, *values)]
        return [replace(info, imported=bool(info.imported), pinned=bool(info.pinned)) for info in found]

    def info(self, session_id: str) -> SessionInfo:
        self.created(session_id)
        return self.infos(SessionFilter(session=session_id))[0]

    def change(self, session_id: str, *, title: str | None = None, pinned: bool | None = None) -> None:
        self.created(session_id)
        values = (None if title is None else storable(title), None if pinned is None else int(pinned), session_id)
        self._write([(CHANGE, values)])

    def describe_line(self, session_id: str, number: int, text: str) -> None:
        self.created(session_id)
        written = storable(text)
        writes: list[Write] = [(DESCRIBE, (written, session_id, number))]
        if number == 1:
            writes.append((DESCRIBE_FIRST, (written, session_id)))
        self._write(writes)

    def lines(self, selection: SessionFilter = ALL) -> list[LineInfo]:
        statement, values = lines_statement(selection)
        return [LineInfo(*row) for row in reversed(self._read(statement, *values))]

    def totals(self, session_id: str, most: int | None = None) -> SessionTotals:
        from .totals import RUNS, runs_of_json, totals_of  # imported late because only `stats` needs it

        self.created(session_id)
        seconds = self._read("select total(seconds) from lines where session = ?", session_id)[0][0]
        try:
            return totals_of(runs_of_json(self._read(RUNS, session_id)[0][0]), float(seconds), most)
        except (StoreFailed, KeyError, TypeError, ValueError):
            for _ in self.read(session_id):  # raises SessionDamaged at the entry that cannot be read
                pass
            raise

    def past_runs(self) -> Iterator[PastRun]:
        """Yield the latest runs of nodes, except in imported sessions, the latest first. Raises: StoreFailed."""
        from .past_runs import ENTRIES, MAX_ENTRIES, MAX_SESSIONS, past_runs  # imported late: only estimates need it

        for info in self.infos(SessionFilter(own=True, limit=MAX_SESSIONS)):
            yield from past_runs(row[0] for row in self._read(ENTRIES, info.id, MAX_ENTRIES))

    def delete(self, session_id: str) -> None:
        self.created(session_id)
        if self.in_use(session_id):
            raise SessionBusy(session_id, f"another process is using session `{session_id}`", "stop that process first")
        with self._lock:
            for known in (self._known, self._next, self._lines):
                known.pop(session_id, None)
            self._forget_images(session_id)
            gone = self._index.only_of(session_id)
            writes: list[Write] = [("delete from images where id = ?", (image,)) for image in gone]
            self._write([*writes, ("delete from sessions where id = ?", (session_id,))])  # also its entries and lines
            self._index.tell_gone(gone)

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        row = (session_id, storable(script), digest, time.time())
        self._write([("insert or replace into scripts values (?, ?, ?, ?)", row)])

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        rows = self._read("select session, digest from scripts where script = ? order by noted desc", script)
        return [(str(session), str(digest)) for session, digest in rows]

    def close(self) -> None:
        with self._lock:
            self._presence.close()
            super().close()

    def _note(self, session_id: str, length: int, lines: int) -> None:
        with self._lock:
            self._known[session_id] = self._next[session_id] = length
            self._lines[session_id] = lines

    def _look(self, session_id: str) -> None:
        """Note the current length of a log that this process has not read, so that new entries can be appended."""
        self.created(session_id)
        rows = self._read("select lines from sessions where id = ?", session_id)
        self._note(session_id, self.length(session_id), int(rows[0][0]))

    def length(self, session_id: str) -> int:
        """Return the number of entries in a log."""
        rows = self._read("select coalesce(max(number) + 1, 0) from entries where session = ?", session_id)
        return int(rows[0][0])

    def _append_after(
        self, session_id: str, lines: int, entries: Sequence[JournalEntry], more: Callable[[], list[Write]] | None
    ) -> int:
        """Append entries after the entries of another process; return the number of the first appended entry.

        Raises: SessionMissing, SessionChanged, StoreFailed.
        """

        def writes() -> list[Write]:
            found = self._read("select lines from sessions where id = ?", session_id)
            if not found:
                raise SessionMissing(session_id, f"session `{session_id}` no longer exists")
            if count_lines(entries) and found[0][0] != lines:
                message = f"another process has changed session `{session_id}`"
                raise SessionChanged(session_id, message, "open the session again to see the new lines")
            start[:] = [self.length(session_id)]
            self._forget_images(session_id)
            rows = [*rows_of(session_id, start[0], lines, entries), *self._images_in(session_id, entries)]
            return [*rows, *(() if more is None else more())]

        start: list[int] = []
        try:
            self._write(writes, durable=Claimed in map(type, entries))
        except sqlite3.IntegrityError as error:
            raise self._failed(error) from error
        return start[0]

    def _images_in(self, session_id: str, entries: Sequence[JournalEntry]) -> list[Write]:
        """Return the statements that add the images in new entries to the gallery."""
        if any(map(_may_contain_images, entries)):
            return self._index.writes(session_id, entries)
        return self._index.writes(session_id, entries) if self._knows_images(session_id) else []

    def _knows_images(self, session_id: str) -> bool:
        return "_index" in self.__dict__ and session_id in self._index

    def _forget_images(self, session_id: str) -> None:
        if "_index" in self.__dict__:
            self._index.forget(session_id)

    def _tell_images(self) -> None:
        if "_index" in self.__dict__:
            self._index.tell()


def _may_contain_images(entry: JournalEntry) -> bool:
    return type(entry) is NodeFinished and any(isinstance(each, MAY_CONTAIN) for each in entry.outputs.values())
