"""The workspaces of a server: one for each session in use, all of which share one invoker."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Final

from invocations.frozen import mutable

if TYPE_CHECKING:
    from workflows.workspace import Workspace

MOST: Final = 64  # workspaces that are kept; a workspace costs little compared with its session


@mutable
class _Entry:
    workspace: Workspace | None = None
    users: int = 0
    generation: int = 0
    lock: RLock = field(default_factory=RLock)


class SessionWorkspaces:
    """Lends workspaces, each attached to one session and used by one thread at a time; the least recently used go."""

    def __init__(self, make: Callable[[], Workspace], most: int = MOST) -> None:
        self._make = make
        self._most = most
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()
        self._generation = 0

    def forget(self) -> None:
        """Replace each workspace when it is lent next, because the settings have changed."""
        with self._lock:
            self._generation += 1

    def __len__(self) -> int:
        return len(self._entries)

    @contextmanager
    def of(self, session_id: str) -> Iterator[Workspace]:
        """Lend the workspace of a session, which knows all lines of the session.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        entry = self._enter(session_id)
        try:
            with entry.lock:
                yield self._attached(entry, session_id)
        finally:
            self._leave(session_id, entry)

    def _enter(self, session_id: str) -> _Entry:
        with self._lock:
            entry = self._entries.setdefault(session_id, _Entry())
            self._entries.move_to_end(session_id)
            entry.users += 1
            unused = [key for key, each in self._entries.items() if not each.users]
            for key in unused[: max(len(self._entries) - self._most, 0)]:
                del self._entries[key]
            return entry

    def _attached(self, entry: _Entry, session_id: str) -> Workspace:
        generation = self._generation
        if entry.workspace is None or entry.generation != generation:
            made = self._make()
            made.attach(session_id)
            entry.workspace, entry.generation = made, generation
            return made
        workspace, entry.workspace = entry.workspace, None  # a session that cannot be read is opened again next time
        workspace.refresh()
        entry.workspace = workspace
        return workspace

    def _leave(self, session_id: str, entry: _Entry) -> None:
        with self._lock:
            entry.users -= 1
            if not entry.users and entry.workspace is None and self._entries.get(session_id) is entry:
                del self._entries[session_id]
