"""The interfaces of a runner, which starts runs, and of a run, which is a stream of events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

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

    from .alone import Alone


class Catalog(Protocol):
    """Knows all invocations; `load` imports the class of one."""

    def spec(self, type: str) -> InvocationSpec | None: ...  # noqa: A002 - as in the spec
    def load(self, type: str) -> type[Invocation]: ...  # noqa: A002 - as in the spec


@frozen
class Job:
    """What a run is to execute, and with which catalog, services, store and cache.

    limit: nodes of this rank or higher were added later and are left for the next run. cache: if None, no results are
    reused. recompute: nodes that run even if their result is cached; the new result replaces it. only: the nodes that
    may run, None for all. max_nodes: how many nodes may run, None for all. lines: the numbers of the lines that end
    with this run. keys: cache keys that are already known. until: called in the run's thread with each node that has
    run; if it returns True, the run stops before the next node, as if it were cancelled.
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
    alone: Callable[[], Alone] | None = None
    until: Callable[[NodeFinished], bool] | None = None


class Run(ABC):
    """A run, which yields its events when iterated over. An interrupted iteration can be resumed."""

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
        """Stop at the next step of the running node; the events end with SessionCancelled."""


class Runner(ABC):
    """Base class of what runs jobs, in a thread for example."""

    @abstractmethod
    def start(self, job: Job) -> Run:
        """Return a run of this job, which begins when it is first iterated over."""

    def close(self) -> None:
        """End the threads that wait for the next run."""
        return None
