"""Who runs a session: a Runner starts a Run, a Run is the stream of its events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from invocations.cache.base import ResultCache
from invocations.cache.keys import KnownKeys
from invocations.context import Services
from invocations.events import Event
from invocations.frozen import frozen
from invocations.sessions.session import Session
from invocations.spec import InvocationSpec
from invocations.storing.base import SessionStore

if TYPE_CHECKING:
    from invocations.invocation import Invocation


class Catalog(Protocol):
    """What invocations there are; `load` imports one class."""

    def spec(self, type: str) -> InvocationSpec | None: ...  # noqa: A002 - the word of the design
    def load(self, type: str) -> type[Invocation]: ...  # noqa: A002 - the word of the design


@frozen
class Job:
    """What to run and with what.

    limit: nodes that join the session later have this rank or more, and are left for the next run.
    cache None: nothing is reused. recompute: nodes that run also where a result is kept, whose place theirs takes.
    only: the nodes that may run (None = all). most: how many may run.
    lines: the numbers of the lines that end with this run. keys: cache keys that are known already.
    """

    session: Session
    catalog: Catalog
    services: Services
    store: SessionStore
    limit: int
    cache: ResultCache | None = None
    recompute: Collection[str] = ()
    only: Collection[str] | None = None
    most: int | None = None
    lines: tuple[int, ...] = ()
    keys: KnownKeys = field(default_factory=dict)


class Run(ABC):
    """A run: iterate over it to see what happens. An interrupted iteration can be taken up again."""

    @abstractmethod
    def __iter__(self) -> Iterator[Event]:
        """Return the events as they happen."""

    @abstractmethod
    def __next__(self) -> Event:
        """Return the next event."""

    def wait(self, seconds: float) -> bool:
        """Wait for the next event; return False where none has come in so many seconds."""
        return True

    @abstractmethod
    def cancel(self) -> None:
        """Stop at the next step of the node at work; the events end with SessionCancelled."""


class Runner(ABC):
    """Runs jobs somewhere."""

    @abstractmethod
    def start(self, job: Job) -> Run:
        """Return a run; the work begins when it is first iterated over."""
