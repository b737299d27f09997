"""The interface of a bus, which numbers the events of each session, keeps the latest, and passes them on."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final

from invocations.frozen import frozen

from .public_event import PublicEvent

MAX_EVENTS: Final = 5_000  # events of a session that are kept
MAX_BYTES: Final = 4 * 2**20
KEPT_S: Final = 600.0  # how long they are kept after the end of a run


@frozen
class Numbered:
    """An event with its number in its session, from 1."""

    number: int
    event: PublicEvent

    @property
    def text(self) -> str:
        """The event with its number as a JSON object."""
        return f'{{"number":{self.number},{self.event.text[1:]}'

    @property
    def size(self) -> int:
        return self.event.size + 16


@frozen
class Position:
    """A place among the events of a session: the id of the numbering, and the number of the last event."""

    epoch: str
    last: int


@frozen
class Batch:
    """The events of a session after number `after`, up to number `last`.

    A number may be missing, because only the latest progress of a node is kept.
    """

    session: str
    epoch: str
    after: int
    last: int
    events: tuple[Numbered, ...]

    def beyond(self, number: int) -> tuple[Numbered, ...]:
        """Return the events with a higher number."""
        return self.events if number <= self.after else tuple(each for each in self.events if each.number > number)


@frozen
class Reset:
    """Events after the requested number are lost, or the numbering is another one: read the session again.

    What follows continues at `last`.
    """

    session: str
    epoch: str
    last: int


@frozen
class Preview:
    """A small image of an intermediate result, encoded as WebP; widths and heights are in pixels.

    number: the last event before it. path: the index in each loop around the node
    """

    session: str
    node: str
    path: tuple[int, ...]
    number: int
    step: int
    of: int
    width: int
    height: int
    data: bytes


Found = Batch | Reset
Followed = Batch | Preview


class Follower(ABC):
    """Receives the events of the sessions that it watches, in the event loop in which it was made.

    It keeps a limited number of batches for a reader that is slow. A batch whose `after` is not the last number that
    the reader has seen tells the reader that it must `read` what is between them.
    """

    @abstractmethod
    async def watch(self, session: str) -> None:
        """Receive the events of a session from now on."""

    @abstractmethod
    async def unwatch(self, session: str) -> None:
        """Receive no more events of a session."""

    @abstractmethod
    async def get(self) -> Followed:
        """Wait for the next batch or preview and return it."""

    @abstractmethod
    async def close(self) -> None:
        """Receive nothing any more."""


class EventBus(ABC):
    """Numbers events and passes them on. All methods but `follow` may be called in any thread."""

    is_shared = False  # whether several processes use the bus

    @abstractmethod
    def publish(self, session: str, events: Sequence[PublicEvent], preview: Preview | None = None) -> None:
        """Number events, keep them and pass them on, with the latest preview; never waits for a reader."""

    @abstractmethod
    def read(self, session: str, after: int, epoch: str = "") -> Found:
        """Return the events after a number, or Reset if they are not all there or the epoch is another one.

        epoch: "" stands for the current one
        """

    @abstractmethod
    def position(self, session: str) -> Position:
        """Return the number of the last event of a session, 0 if there is none, and the id of the numbering."""

    @abstractmethod
    def follow(self) -> Follower:
        """Return a follower for the running event loop."""

    @abstractmethod
    def want_previews(self, session: str, wanted: bool) -> None:
        """Count a client that watches the previews of a session, or one that has stopped."""

    @abstractmethod
    def wants_previews(self, session: str) -> bool:
        """Whether any client watches the previews of a session."""

    @abstractmethod
    def close(self) -> None:
        """Stop passing events on."""

    async def read_async(self, session: str, after: int, epoch: str = "") -> Found:
        """Return what `read` returns, without blocking the event loop."""
        return await asyncio.to_thread(self.read, session, after, epoch)
