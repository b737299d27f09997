"""Store sessions in the memory of this process."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from invocations.errors import SessionExists, SessionMissing
from invocations.frozen import mutable
from invocations.sessions.session import CANCELLED, Extension, JournalEntry, LineEnded

from .base import ALL, LOCAL, NOT_FAILED, LineInfo, SessionFilter, SessionInfo, SessionStore

if TYPE_CHECKING:
    from .gallery.base import FoundImage
    from .gallery.image_finder import ImageFinder
    from .gallery.memory import MemoryGallery
    from .totals import SessionTotals


@mutable
class _Entry:
    """What the list of sessions contains besides what follows from the log."""

    created: float
    imported: bool
    title: str
    owner: str
    pinned: bool = False


class MemoryStore(SessionStore):
    """Stores logs as lists in memory; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._logs: dict[str, list[JournalEntry]] = {}
        self._entries: dict[str, _Entry] = {}
        self._texts: dict[tuple[str, int], str] = {}  # of lines without text of their own
        self._scripts: dict[str, tuple[str, str]] = {}
        self._finders: dict[str, ImageFinder] = {}

    @cached_property
    def gallery(self) -> MemoryGallery:
        """The images that were made; they are looked for when the gallery is first used."""
        from .gallery.memory import MemoryGallery  # imported on demand, because few stores in memory need it

        with self._lock:
            made = MemoryGallery(lambda session, number: self._lines(session)[number - 1].text, self._lock)
            for session_id in self._logs:
                made.add_results(self._images_in(session_id, self._logs[session_id]))
        return made

    def create(
        self, session_id: str, created: float, entries: Iterable[JournalEntry] = (), *, imported: bool = False,
        title: str = "", owner: str = LOCAL,
    ) -> None:  # fmt: skip
        with self._lock:
            if session_id in self._logs:
                raise SessionExists(session_id, f"session `{session_id}` already exists")
            self._logs[session_id] = list(entries)
            self._entries[session_id] = _Entry(created, imported, title, owner)
            self._index(session_id, self._logs[session_id])

    def append(self, session_id: str, *entries: JournalEntry) -> None:
        with self._lock:
            self._log(session_id).extend(entries)
            self._index(session_id, entries)

    def is_behind(self, session_id: str) -> bool:
        return False

    def in_use(self, session_id: str) -> bool:
        return False

    def created(self, session_id: str) -> float:
        with self._lock:
            self._log(session_id)
            return self._entries[session_id].created

    def imported(self, session_id: str) -> bool:
        self._log(session_id)
        return self._entries[session_id].imported

    def read(self, session_id: str) -> Iterator[JournalEntry]:
        return iter(tuple(self._log(session_id)))

    def infos(self, selection: SessionFilter = ALL) -> list[SessionInfo]:
        with self._lock:
            infos = [self._info(session_id) for session_id in self._logs if selection.session in ("", session_id)]
            found = [info for info in infos if self._is_selected(info, selection)]
        return sorted(found, key=lambda info: info.position, reverse=True)[: selection.limit]

    def info(self, session_id: str) -> SessionInfo:
        with self._lock:
            self._log(session_id)
            return self._info(session_id)

    def change(self, session_id: str, *, title: str | None = None, pinned: bool | None = None) -> None:
        self._log(session_id)
        entry = self._entries[session_id]
        entry.title = entry.title if title is None else title
        entry.pinned = entry.pinned if pinned is None else pinned

    def describe_line(self, session_id: str, number: int, text: str) -> None:
        self._log(session_id)
        self._texts[session_id, number] = text

    def lines(self, selection: SessionFilter = ALL) -> list[LineInfo]:
        with self._lock:
            sessions = [selection.session] if selection.session else [*self._logs]
            lines = [line for id_ in sessions for line in self._lines(id_) if line.started >= selection.since]
        found = sorted(filter(selection.fits, lines), key=lambda line: line.position)
        if selection.before_line is not None:
            found = [line for line in found if line.position < selection.before_line]
        return found if selection.limit is None else found[max(len(found) - selection.limit, 0) :]

    def totals(self, session_id: str, most: int | None = None) -> SessionTotals:
        from .totals import runs_of_log, totals_of  # imported late because only `stats` needs it

        seconds = sum(line.seconds for line in self._lines(session_id))
        return totals_of(runs_of_log(self._log(session_id)), seconds, most)

    def delete(self, session_id: str) -> None:
        with self._lock:
            self._log(session_id)
            del self._logs[session_id], self._entries[session_id]
            self._texts = {key: text for key, text in self._texts.items() if key[0] != session_id}
            if "gallery" in self.__dict__:
                self._finders.pop(session_id, None)
                self.gallery.forget_session(session_id)

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        with self._lock:
            self._scripts[session_id] = (script, digest)

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        with self._lock:
            found = [(session, digest) for session, (name, digest) in self._scripts.items() if name == script]
        return [each for each in reversed(found) if each[0] in self._logs]

    def _index(self, session_id: str, entries: Iterable[JournalEntry]) -> None:
        """Add the images in new entries to the gallery if somebody uses it."""
        if "gallery" in self.__dict__:
            self.gallery.add_results(self._images_in(session_id, entries))

    def _images_in(self, session_id: str, entries: Iterable[JournalEntry]) -> list[FoundImage]:
        from .gallery.image_finder import ImageFinder

        finder = self._finders.setdefault(session_id, ImageFinder(session_id))
        return [image for entry in entries for image in finder.found(entry)]

    def _log(self, session_id: str) -> list[JournalEntry]:
        if session_id not in self._logs:
            raise SessionMissing(session_id, f"there is no session `{session_id}`")
        return self._logs[session_id]

    def _info(self, session_id: str) -> SessionInfo:
        log, lines, entry = self._logs[session_id], self._lines(session_id), self._entries[session_id]
        created = entry.created
        changed = max(created, *(line.started for line in lines)) if lines else created
        nodes = sum(len(entry.nodes) for entry in log if isinstance(entry, Extension))
        failed = sum(line.outcome not in NOT_FAILED for line in lines)
        first = lines[0].text if lines else ""
        cancelled, unended = (sum(line.outcome == outcome for line in lines) for outcome in (CANCELLED, ""))
        return SessionInfo(
            session_id, created, changed, len(log), len(lines), first, nodes, failed,
            imported=entry.imported, cancelled=cancelled, open=unended, title=entry.title, pinned=entry.pinned,
            owner=entry.owner,
        )  # fmt: skip

    def _is_selected(self, info: SessionInfo, selection: SessionFilter) -> bool:
        if selection.words or selection.failed:
            lines = self._lines(info.id)
            if not selection.fits_title(info.title) and not any(map(selection.fits, lines)):
                return False
        return (
            info.changed >= selection.since
            and not (selection.own and info.imported)
            and selection.owner in ("", info.owner)
            and selection.pinned in (None, info.pinned)
            and (selection.before is None or info.position < selection.before)
        )

    def _lines(self, session_id: str) -> list[LineInfo]:
        found: list[LineInfo] = []
        for entry in self._logs.get(session_id, ()):
            if isinstance(entry, Extension):
                number = len(found) + 1
                text = entry.line or self._texts.get((session_id, number), "")
                found.append(LineInfo(session_id, number, text, entry.source, entry.time))
            elif isinstance(entry, LineEnded):
                line = found[entry.number - 1]
                ended = replace(line, seconds=line.seconds + entry.seconds, outcome=entry.outcome)
                found[entry.number - 1] = ended
        return found
