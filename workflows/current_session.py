"""The session that a workspace adds lines to: a new one, or one that it continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .line_planner import LinePlanner

if TYPE_CHECKING:
    from invocations.queueing.base import QueueItem
    from invocations.sessions.session import Extension, Session


class CurrentSession(LinePlanner):
    """A planner that knows the session to which its lines are added."""

    _lines = 0  # how many lines of the session are known

    @property
    def has_session(self) -> bool:
        """Whether the workspace has a session yet."""
        return "memory" in self.__dict__ and self.memory.session_id is not None

    @property
    def session_id(self) -> str:
        """The id of the session that lines are added to; a session is created if there is none."""
        memory = self.memory
        if memory.session_id is None:
            memory.session_id, self._lines = self.invoker.create().id, 0
        return memory.session_id

    @property
    def session(self) -> Session:
        """The session that lines are added to; created if there is none."""
        return self.invoker.open(self.session_id)

    def attach(self, session: Session | str) -> Session:
        """Continue an earlier session: the lines that follow can refer to its stages and continue its last line.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        from .planning.scope import Scope

        if isinstance(session, str):
            self.invoker.catch_up(session)
            session = self.invoker.open(session)
        self.memory.session_id = session.id
        with session.lock:
            self.memory.scope, self._lines = Scope.of(session), len(session.lines)
        return session

    def refresh(self) -> None:
        """Read what others have added to the session: processes, and workspaces that share the invoker.

        Raises: SessionMissing, SessionDamaged.
        """
        session_id = self.memory.session_id
        if session_id is None:
            return
        is_read = self.invoker.catch_up(session_id)
        session = self.invoker.open(session_id)
        if is_read or self._known_lines not in (None, len(session.lines)):
            self.attach(session)

    @property
    def _known_lines(self) -> int | None:
        """How many lines of the session are known; None if only this workspace adds lines in this process."""
        return None if self._shared is None else self._lines

    def unfinished(self, session: Session | None = None) -> list[int]:
        """Return the numbers of the lines that have nodes left to run, in this session or another one."""
        from .session_lines import unfinished

        return unfinished(session or self.session)

    def _extend(self, extension: Extension, item: QueueItem | None = None) -> Session:
        """Add a line to the session, and an item that runs it. Raises: GraphError, SessionChanged, QueueFull."""
        if item is None:
            session = self.invoker.extend(self.session_id, extension, lines=self._known_lines)
        else:
            self.invoker.enqueue(item, extension, lines=self._known_lines)
            session = self.session
        self._lines += 1
        return session
