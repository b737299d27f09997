"""The interfaces of a runner, which starts runs, and of a run, which is a stream of events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import field
from typing import TYPE_CHECKING, Final, Protocol

from invocations.cache.base import ResultCache
from invocations.cache.keys import KnownKeys
from invocations.context import Services
from invocations.events import Event, NodeFinished
from invocations.frozen import frozen
from invocations.sessions.session import Session
from invocations.spec import InvocationSpec
from invocations.storing.base import SessionStore

if TYPE_CHECKING:
    from invocations.invocation import Invocation

    from .ahead import Ahead
    from .workers.base import Workers

POLL_S = 0.1  # seconds between checks whether a run has been cancelled while workers are busy


class Catalog(Protocol):
    """The metadata of all invocations; `load` imports the class of an invocation."""

    def spec(self, type: str) -> InvocationSpec | None: ...  # noqa: A002 - as in the spec
    def load(self, type: str) -> type[Invocation]: ...  # noqa: A002 - as in the spec


@frozen
class SweepLimit:
    """How many items the sweeps of a job may have.

    counts: the `iterate` nodes of the axes that are written in the line, each with the number of its items as far as it
    was known when the line was planned, otherwise 0; loops without such an axis have no limit
    most: the largest number of items
    """

    counts: Mapping[str, int]
    most: int


BATCH_BY_MEMORY: Final = 0


@frozen
class Batching:
    """How many nodes may run at once, if their type allows it.

    most: the largest batch, or BATCH_BY_MEMORY for as many as memory allows. repeats: whether each node runs in a batch
    of its own that consists of `most` copies of it, which returns what the node returned in a batch of this size.
    side_by_side: whether nodes run at the same time as if each ran alone; only some built-in nodes can, see `Batches`
    """

    most: int = 1
    repeats: bool = False
    side_by_side: bool = False


SIDE_BY_SIDE: Final = Batching(BATCH_BY_MEMORY, side_by_side=True)


@frozen
class Job:
    """A request to run the ready nodes of a session, with everything that a run uses.

    limit: nodes of this rank or higher were added later and are left for the next run. cache: if None, no results are
    reused. recompute: nodes that run even if their result is cached; the new result replaces the cached one. only: the
    nodes that may run; None allows all. max_nodes: the number of nodes that may run; None sets no limit. lines: the
    numbers of the lines that end with this run. keys: cache keys that are already known. workers: run
    the nodes that may use a worker; None runs all nodes here. until: called in the run's
    thread after each node; if it returns True, the run stops before the next node, as if cancelled. sweeps: the run
    stops as soon as a sweep turns out to be larger than this limit; None sets no limit. batching: None runs nodes one
    by one. ahead: what workers may begin while the job runs, and what they have begun. previews: returns True while
    somebody watches, and is asked before each preview, at most ten times a second; None leaves it to the settings.
    """

    session: Session
    catalog: Catalog
    services: Services
    store: SessionStore
    limit: int
    cache: ResultCache | None = None
    recompute: Collection[str] = ()
    only: Collection[str] | None = None
    max_nodes: int | None = None
    lines: tuple[int, ...] = ()
    keys: KnownKeys = field(default_factory=dict)
    alone: Callable[[], Workers] | None = None
    workers: Callable[[], Workers | None] | None = None
    until: Callable[[NodeFinished], bool] | None = None
    sweeps: SweepLimit | None = None
    batching: Batching | None = None
    ahead: Ahead | None = None
    previews: Callable[[], bool] | None = None


class Run(ABC):
    """A run of a job. Iterating over it yields its events; an interrupted iteration can be resumed."""

    @abstractmethod
    def __iter__(self) -> Iterator[Event]:
        """Return an iterator over the events as they happen."""

    @abstractmethod
    def __next__(self) -> Event:
        """Return the next event."""

    def wait(self, seconds: float) -> bool:
        """Wait for the next event; return False if none arrives within this time."""
        return True

    @abstractmethod
    def cancel(self) -> None:
        """Stop the running node at its next step, and end the events with SessionCancelled."""

    def abandon(self) -> None:
        """Record that the run was cancelled, because the process ends now, although a node is still running."""
        return None

    def end(self) -> None:
        """Cancel the run and wait until it has ended, so that nothing is half-written; the events are dropped."""
        self.cancel()
        with suppress(Exception):
            for _ in self:
                pass


class Runner(ABC):
    """Base class of objects that run jobs, for example in a thread."""

    @abstractmethod
    def start(self, job: Job) -> Run:
        """Return a run of a job; the run begins when it is first iterated over."""

    def close(self) -> None:
        """End the threads that wait for the next run."""
        return None
