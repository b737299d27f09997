"""The one door for applications: make, extend and run sessions."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence

from .cache.base import ResultCache
from .cache.keys import KnownKeys
from .context import Services
from .errors import MissingNode, SessionBusy
from .graph.graph import Graph
from .running.base import Catalog, Job, Run, Runner
from .sessions.lost_results import lost_before
from .sessions.session import Extension, Forgotten, JournalEntry, Retried, Session
from .storing.base import ALL, LineInfo, SessionFilter, SessionInfo, SessionStore
from .values import Ref


class Invoker:
    """Creates, extends and runs sessions; everything it needs is given to it."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        services: Services,
        store: SessionStore,
        runner: Runner,
        cache: ResultCache | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.catalog = catalog
        self.services = services
        self.cache = cache
        self._store = store
        self._runner = runner
        self._now = now
        self._sessions: dict[str, Session] = {}
        self._reopened: set[str] = set()  # sessions whose results may have lost their content

    def create(self, graph: Graph | None = None) -> Session:
        """Return a new session, empty or made of a graph. Raises: GraphError."""
        created = self._now()
        session = Session(self.new_id(created), created, self.catalog.spec)
        if graph is not None:
            extension = session.prepared(Extension(tuple(graph.nodes.values()), tuple(graph.edges)), created)
            session.apply(extension)
        self._store.create(session.id, created, session.log)
        self._sessions[session.id] = session
        return session

    def new_id(self, created: float) -> str:
        """Return an id that no session has."""
        return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(created))}-{os.urandom(3).hex()}"

    def add(self, session: Session) -> None:
        """Keep a session that came from elsewhere, whole or not at all. Raises: SessionExists, StoreFailed."""
        self._store.create(session.id, session.created, session.log)
        self._sessions[session.id] = session
        self._reopened.add(session.id)

    def open(self, session_id: str) -> Session:
        """Return a session, read from the store if need be. Raises: SessionMissing, SessionDamaged, GraphError."""
        session = self._sessions.get(session_id)
        if session is None:
            session = Session(session_id, self._store.created(session_id), self.catalog.spec)
            for entry in self._store.read(session_id):
                session.apply(entry)
            session.expansion.advance()
            self._reopened.add(session_id)
            self._sessions[session_id] = session
        return session

    def catch_up(self, session_id: str) -> bool:
        """Read a session anew if another process has added to it, unless it runs here; tell whether it was read.

        Raises: SessionMissing, SessionDamaged, GraphError.
        """
        session = self._sessions.get(session_id)
        if session is not None and (session.running.locked() or not self._store.is_behind(session_id)):
            return False
        self._sessions.pop(session_id, None)
        self.open(session_id)
        return True

    def in_use(self, session_id: str) -> bool:
        """Tell whether another process is at work in a session."""
        return self._store.in_use(session_id)

    def sessions(self, wanted: SessionFilter = ALL) -> list[SessionInfo]:
        """Return the sessions there are, or those that are wanted, the latest changed first."""
        return self._store.infos(wanted)

    def lines(self, wanted: SessionFilter = ALL) -> list[LineInfo]:
        """Return the lines that were run in all sessions, or those that are wanted, the latest last."""
        return self._store.lines(wanted)

    def delete(self, session_id: str) -> None:
        """Remove a session for good. Raises: SessionMissing, SessionBusy."""
        self._store.delete(session_id)
        self._sessions.pop(session_id, None)

    def note_script(self, session_id: str, script: str, digest: str) -> None:
        """Keep that a session runs a script: its absolute path, and what its text hashes to."""
        self._store.note_script(session_id, script, digest)

    def sessions_of(self, script: str) -> list[tuple[str, str]]:
        """Return the sessions that ran a script and what its text hashed to, the latest first."""
        return self._store.sessions_of(script)

    def resume(self, session_id: str, *, retry_quarantined: bool = False) -> Session:
        """Open a session to resume it: its errors are cleared, and quarantined nodes too with `retry_quarantined`.

        Raises: SessionMissing, SessionDamaged, SessionBusy, GraphError.
        """
        self.catch_up(session_id)
        session = self.open(session_id)
        if self._store.in_use(session_id):
            message = f"another process is using session `{session_id}`"
            raise SessionBusy(session_id, message, "wait for it to finish, or stop it")
        with session.lock:
            if session.errors or retry_quarantined:
                entry = Retried(self._now(), retry_quarantined)
                session.retry(entry)
                self._store.append(session_id, entry)
        return session

    def extend(self, session_id: str, extension: Extension) -> Session:
        """Add nodes and edges, whole or not at all; inputs that are drawn when left open are drawn now.

        Raises: GraphError, SessionMissing, SessionChanged, where another process has added lines: see `catch_up`.
        """
        session = self.open(session_id)
        with session.lock:
            prepared = session.prepared(extension, self._now())
            session.apply(prepared)
            try:
                self._store.append(session_id, prepared)
            except BaseException:
                del self._sessions[session_id]  # what is kept counts: the next `open` reads it again
                raise
        return session

    def is_there(self, ref: Ref) -> bool:
        """Tell whether what a reference names is still kept, as far as the services can say."""
        ask: Callable[[Ref], bool] | None = getattr(self.services, "is_there", None)
        return ask is None or ask(ref)

    def forget(self, session_id: str, nodes: Sequence[str]) -> None:
        """Take back the results of some nodes, because what they name is no longer there."""
        session = self.open(session_id)
        with session.lock:
            entry = Forgotten(tuple(nodes))
            session.apply(entry)
            self._store.append(session_id, entry)

    def take_in(self, session_id: str, entries: Sequence[JournalEntry]) -> None:
        """Add what is known of nodes from elsewhere, such as another session's results."""
        session = self.open(session_id)
        with session.lock:
            self._store.append(session_id, *entries)
            for entry in entries:
                session.apply(entry)
            session.expansion.advance()
        self._reopened.add(session_id)

    def run(
        self,
        session_id: str,
        *,
        reuse: bool = True,
        recompute: Collection[str] = (),
        only: Sequence[str] | None = None,
        again: bool = False,
        keys: KnownKeys | None = None,
    ) -> Run:
        """Run all that is ready (and becomes so), or `only` some nodes and what they need.

        reuse: whether cached results are used; `recompute` names nodes that run in any case. again: lines that
        had ended end once more. keys: cache keys that are known already. Raises: MissingNode.
        """
        session = self.open(session_id)
        lines = {line.number for line in session.open_lines}
        if only is None:
            return self._start(session, reuse=reuse, recompute=recompute, lines=lines, keys=keys)
        for id_ in only:
            if id_ not in session.graph:
                raise MissingNode(f"there is no node `{id_}`", node=id_)
        wanted = session.expansion.needed(only)
        if session_id in self._reopened and self._mend(session, wanted):
            wanted = session.expansion.needed(only)
        ending = session.lines_of(only) if again else lines & session.lines_of(only)
        return self._start(session, reuse=reuse, recompute=recompute, only=wanted, lines=ending, keys=keys)

    def step(self, session_id: str, *, reuse: bool = True) -> Run:
        """Run the next ready node only."""
        return self._start(self.open(session_id), reuse=reuse, most=1)

    def retry(self, session_id: str, *, reuse: bool = True) -> Run:
        """Run what failed and what waited for it, nothing else."""
        session = self.open(session_id)
        with session.lock:
            entry = Retried(self._now())
            again = session.retry(entry)
            self._store.append(session_id, entry)
        return self._start(session, reuse=reuse, only=again, lines=session.lines_of(again))

    def close(self) -> None:
        """Finish what is being written and let go of files."""
        self.services.close()
        self._store.close()
        if self.cache is not None:
            self.cache.close()

    def _mend(self, session: Session, wanted: Collection[str]) -> bool:
        """Take back results that wanted nodes need and whose content was lost; tell whether there were any."""
        with session.lock:
            gone = lost_before(session, wanted, self.is_there)
            if gone:
                self.forget(session.id, gone)
        return bool(gone)

    def _start(
        self,
        session: Session,
        *,
        reuse: bool,
        recompute: Collection[str] = (),
        only: Collection[str] | None = None,
        most: int | None = None,
        lines: Collection[int] = (),
        keys: KnownKeys | None = None,
    ) -> Run:
        return self._runner.start(
            Job(
                session=session,
                catalog=self.catalog,
                services=self.services,
                store=self._store,
                limit=session.graph.next_rank,
                cache=self.cache if reuse else None,
                recompute=recompute,
                only=only,
                most=most,
                lines=tuple(sorted(lines)),
                keys=keys or {},
            )
        )
