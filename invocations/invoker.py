"""The entry point through which applications create, extend and run sessions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .cache.base import ResultCache
from .cache.keys import KnownKeys
from .context import Services
from .errors import MissingNode, SessionBusy, SessionNotTrusted
from .events import NodeFinished
from .running.base import SIDE_BY_SIDE, Batching, Catalog, Job, Run, Runner, SweepLimit
from .sessions.lost_results import lost_before
from .sessions.open_sessions import MOST_OPEN
from .sessions.session import Extension, Retried, Session
from .storing.base import SessionStore
from .storing.stored_sessions import StoredSessions
from .values import Ref

if TYPE_CHECKING:
    from .queueing.base import QueueItem, QueueStore
    from .running.ahead import Ahead
    from .running.workers.base import Workers


class Invoker(StoredSessions):
    """Creates, extends and runs sessions, using the given catalog, services, store and runner.

    Several threads may use it; each session has one run at a time.
    """

    def __init__(
        self,
        *,
        catalog: Catalog,
        services: Services,
        store: SessionStore,
        runner: Runner,
        cache: ResultCache | None = None,
        alone: Callable[[], Workers] | None = None,
        workers: Callable[[], Workers | None] | None = None,
        most_open: int = MOST_OPEN,
        now: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(store, catalog.spec, most_open=most_open, now=now)
        self.catalog = catalog
        self.services = services
        self.cache = cache
        self._alone = alone
        self._make_workers = workers
        self.batching: Batching | None = None  # how many nodes run at once; None: see `_start`
        self._runner = runner
        self._workers: Workers | None = None
        self._makes_workers = threading.Lock()
        self._queue: QueueStore | None = None
        self._makes_queue = threading.Lock()

    @property
    def workers(self) -> Workers | None:
        """The workers, made when a run first has a node that may leave this process; None if there are none."""
        with self._makes_workers:
            if self._workers is None and self._make_workers is not None:
                self._workers = self._make_workers()
            return self._workers

    def resume(self, session_id: str, *, retry_quarantined: bool = False) -> Session:
        """Open a session for resuming and clear its errors; `retry_quarantined` also lets quarantined nodes run again.

        Raises: SessionMissing, SessionDamaged, SessionBusy, GraphError.
        """
        from .sessions.retrying import clear_errors  # imported on demand, here and in `retry`

        self.catch_up(session_id)
        session = self.open(session_id)
        self._check_may_run(session)
        if self._store.in_use(session_id):
            message = f"another process is using session `{session_id}`"
            raise SessionBusy(session_id, message, "wait for it to finish, or stop it")
        with session.lock:
            self._check_may_run(session)
            if session.errors or retry_quarantined:
                clear_errors(session, Retried(self._now(), retry_quarantined), self._store.append)
        return session

    def is_there(self, ref: Ref) -> bool:
        """Return True if the content of a reference still exists, as far as the services know."""
        check: Callable[[Ref], bool] | None = getattr(self.services, "is_there", None)
        return check is None or check(ref)

    def run(
        self,
        session_id: str,
        *,
        reuse: bool = True,
        recompute: Collection[str] = (),
        only: Sequence[str] | None = None,
        again: bool = False,
        keys: KnownKeys | None = None,
        until: Callable[[NodeFinished], bool] | None = None,
        sweeps: SweepLimit | None = None,
        ahead: Ahead | None = None,
        services: Services | None = None,
        previews: Callable[[], bool] | None = None,
        workers: Workers | None = None,
    ) -> Run:
        """Run all nodes that are or become ready; with `only`, just these nodes and the nodes they depend on.

        reuse: whether to use cached results. recompute: nodes that run even if their result is cached. again: whether
        to record a new end for lines that have already ended. keys: cache keys that are already known. until, sweeps,
        ahead, previews: see `Job`; with `ahead`, `only` is needed. services, workers: used instead of those of the
        invoker, for example for another device of the same kind; see `workers_for_runs`.

        Raises: MissingNode.
        """
        with self._open.locked(session_id) as session:
            lines = {line.number for line in session.open_lines}
            start = partial(
                self._start, session, reuse=reuse, recompute=recompute, keys=keys, until=until, sweeps=sweeps,
                ahead=ahead, services=services, previews=previews, workers=workers,
            )  # fmt: skip
            if only is None:
                return start(lines=lines)
            for id_ in only:
                if id_ not in session.graph:
                    raise MissingNode(f"there is no node `{id_}`", node=id_)
            needed = session.expansion.runs.needed(only)
            if self._drop_lost(session, needed if ahead is None else needed.union(ahead.nodes)):
                needed = session.expansion.runs.needed(only)
            ending = session.lines_of(only) if again else lines & session.lines_of(only)
            return start(only=needed, lines=ending)

    def step(
        self,
        session_id: str,
        *,
        reuse: bool = True,
        services: Services | None = None,
        previews: Callable[[], bool] | None = None,
        workers: Workers | None = None,
    ) -> Run:
        """Run only the next ready node; see `run` for the parameters."""
        with self._open.locked(session_id) as session:
            self._drop_lost(session, session.graph.nodes)
            return self._start(session, reuse=reuse, max_nodes=1, services=services, previews=previews, workers=workers)

    def retry(
        self,
        session_id: str,
        *,
        reuse: bool = True,
        more: Collection[str] = (),
        retry_quarantined: bool = False,
        services: Services | None = None,
        previews: Callable[[], bool] | None = None,
        workers: Workers | None = None,
    ) -> Run:
        """Run the nodes that failed and all nodes that these failures affected; see `run` for other parameters.

        more: nodes that run as well. retry_quarantined: whether quarantined nodes run again, too

        Raises: SessionMissing, SessionBusy.
        """
        from .sessions.retrying import clear_errors

        session = self.open(session_id)
        with session.lock:
            self._check_may_run(session)
            again = clear_errors(session, Retried(self._now(), retry_quarantined), self._store.append).union(more)
            lines = session.lines_of(again)
            return self._start(
                session, reuse=reuse, only=again, lines=lines, services=services, previews=previews, workers=workers
            )

    @property
    def queue(self) -> QueueStore:
        """The queue of runs, which is stored together with the sessions; a `Coordinator` runs its items."""
        with self._makes_queue:
            if self._queue is None:
                from .queueing.requests import open_queue  # imported on demand, like the others: few programs have one

                self._queue = open_queue(self._store)
            return self._queue

    def enqueue(self, item: QueueItem, extension: Extension | None = None, *, lines: int | None = None) -> QueueItem:
        """Add an item to the queue; with an extension, add that line, too, and let the item run it: both or neither.

        item: a new item, see `queueing.changes.new_item`. lines: see `extend`. Returns the item as it is stored.

        Raises: BadValue, MissingNode, QueueFull, SessionMissing, SessionNotTrusted, StoreFailed; for lines also
        GraphError, SessionChanged.
        """
        from .queueing.requests import add_item, add_line

        self.check_trusted(self.open(item.session))
        if extension is None:
            return add_item(self, self.queue, item)
        return add_line(self, self.queue, item, extension, lines=lines)

    def cancel(self, item_id: str) -> QueueItem:
        """Cancel an item of the queue: a waiting one ends now, a running one as soon as its coordinator can stop it.

        Returns the item as it is stored; one that has ended stays as it is. Raises: ItemMissing, StoreFailed.
        """
        from .queueing.requests import cancel_item

        return cancel_item(self, self.queue, item_id, self._now())

    def close(self) -> None:
        """Cancel what runs and wait for its end, end the workers, finish pending writes and close files."""
        self._runner.close()
        with self._makes_workers:
            workers, self._workers, self._make_workers = self._workers, None, None
        if workers is not None:
            workers.close()
        self.services.close()
        self._store.close()
        if self.cache is not None:
            self.cache.close()

    def _drop_lost(self, session: Session, needed: Collection[str]) -> bool:
        """Drop results that the given nodes need but whose content is lost; return True if there were any."""
        if not session.is_reopened:
            return False
        with session.lock:
            gone, users = lost_before(session, needed, self.is_there)
            if gone:
                self.forget(session.id, gone, users)
        return bool(gone)

    def _check_may_run(self, session: Session) -> None:
        self.check_trusted(session)
        if session.running.locked():
            raise session.busy()

    def workers_for_runs(self) -> Sequence[Workers]:
        """Return the workers for each of the runs that may be in progress at the same time, see `run`.

        If nodes run in this process, one worker process is made for them; () if there cannot be any.
        """
        workers = self.workers
        if workers is not None:
            return workers.split()
        return () if self._alone is None else (self._alone(),)

    def check_trusted(self, session: Session) -> None:
        """Refuse to run an imported session that nobody has trusted. Raises: SessionNotTrusted."""
        if not self.is_trusted(session):
            message = f"session `{session.id}` was imported and is not trusted yet"
            hint = f"`session resume {session.id}` shows what the session could do and asks for confirmation"
            raise SessionNotTrusted(session.id, message, hint)

    def _start(
        self,
        session: Session,
        *,
        reuse: bool,
        lines: Collection[int] = (),
        keys: KnownKeys | None = None,
        services: Services | None = None,
        workers: Workers | None = None,
        **how: Any,
    ) -> Run:
        """Start a run; without batches and workers, nodes of a sweep run side by side. how: see `Job`"""
        self.check_trusted(session)
        job = Job(
            session=session, catalog=self.catalog, services=services or self.services, store=self._store,
            limit=session.graph.next_rank, cache=self.cache if reuse else None, lines=tuple(sorted(lines)),
            keys=keys or {}, alone=self._alone,
            workers=(lambda: workers or self.workers) if workers or self._make_workers else None,
            batching=self.batching or (SIDE_BY_SIDE if how.get("sweeps") and not self._make_workers else None), **how,
        )  # fmt: skip
        return self._runner.start(job)
