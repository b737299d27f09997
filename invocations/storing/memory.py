"""Sessions kept in this process only."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.errors import SessionExists, SessionMissing
from invocations.session import Entry, Extension
from invocations.storing.base import SessionInfo, SessionStore


class MemoryStore(SessionStore):
    """Logs as lists."""

    def __init__(self) -> None:
        self._logs: dict[str, list[Entry]] = {}
        self._created: dict[str, float] = {}
        self._scripts: dict[str, tuple[str, str]] = {}

    def create(self, session_id: str, created: float) -> None:
        if session_id in self._logs:
            raise SessionExists(session_id, f"there is a session `{session_id}` already")
        self._logs[session_id] = []
        self._created[session_id] = created

    def append(self, session_id: str, *entries: Entry) -> None:
        self._log(session_id).extend(entries)

    def created(self, session_id: str) -> float:
        self._log(session_id)
        return self._created[session_id]

    def read(self, session_id: str) -> Iterator[Entry]:
        return iter(tuple(self._log(session_id)))

    def infos(self) -> list[SessionInfo]:
        infos = [self._info(session_id, log) for session_id, log in self._logs.items()]
        return sorted(infos, key=lambda info: (info.changed, info.created), reverse=True)

    def delete(self, session_id: str) -> None:
        self._log(session_id)
        del self._logs[session_id], self._created[session_id]

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        self._scripts[session_id] = (script, digest)

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        found = [(session, digest) for session, (name, digest) in self._scripts.items() if name == script]
        return [each for each in reversed(found) if each[0] in self._logs]

    def _log(self, session_id: str) -> list[Entry]:
        if session_id not in self._logs:
            raise SessionMissing(session_id, f"there is no session `{session_id}`")
        return self._logs[session_id]

    def _info(self, session_id: str, log: list[Entry]) -> SessionInfo:
        added = [entry for entry in log if isinstance(entry, Extension)]
        created = self._created[session_id]
        changed = added[-1].time if added else created
        return SessionInfo(session_id, created, changed, len(log), len(added), added[0].line if added else "")
