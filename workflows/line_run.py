"""The run of a line or of several lines: a stream of events, then the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invocations.running.base import Run

from .results import Result, is_sent, results_of

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.sessions.session import Session
    from invocations.values import ImageRef


@dataclass
class LineRun(Run):
    """Iterate over it for the events; the work begins with the first one.

    text: the line as written. source: file and line number, "" for a typed line. nodes: what runs. ends: node and
    output of each result. seeds: those that were picked. slow: a model is needed. by_reference: results are references.
    """

    events: Run
    session: Session
    path: Callable[[ImageRef], str]
    text: str
    nodes: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    source: str = ""
    seeds: tuple[tuple[str, int], ...] = ()
    slow: bool = False
    by_reference: bool = False

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __next__(self) -> Event:
        return next(self.events)

    def wait(self, seconds: float) -> bool:
        return self.events.wait(seconds)

    def cancel(self) -> None:
        self.events.cancel()

    @property
    def kept_ends(self) -> tuple[tuple[str, str], ...]:
        """The ends that are not written to standard output."""
        return tuple(end for end in self.ends if not is_sent(self.session, end[0]))

    def results(self) -> list[Result]:
        """Return the results so far."""
        return results_of(self.session, self.ends, self.path)
