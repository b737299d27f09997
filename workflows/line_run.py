"""The run of a line or of several lines: a stream of events, then the results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from invocations.events import NodeFailed, SessionCancelled
from invocations.running.base import Run

from .problems import LineFailed, describe_failure, problem
from .results import Results, is_sent, results_of

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.sessions.session import Session

    from .backend import Backend


@dataclass
class LineRun(Run):
    """Iterate over it for the events; the work begins with the first one.

    text: the line as written. source: file and line number, "" for a typed line. nodes: what runs. ends: node and
    output of each result. seeds: those that were picked. slow: a model is needed. by_reference: results are references.
    """

    events: Run
    session: Session
    backend: Backend
    text: str
    nodes: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    source: str = ""
    seeds: tuple[tuple[str, int], ...] = ()
    slow: bool = False
    by_reference: bool = False
    failures: list[NodeFailed] = field(default_factory=list)
    cancelled: bool = False

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        event = next(self.events)
        if isinstance(event, NodeFailed):
            self.failures.append(event)
        elif isinstance(event, SessionCancelled):
            self.cancelled = True
        return event

    def wait(self, seconds: float) -> bool:
        return self.events.wait(seconds)

    def cancel(self) -> None:
        self.events.cancel()

    def finish(self, on_event: Callable[[Event], None] | None = None) -> Results:
        """Run to the end and return the results; on_event receives each event. Raises: LineFailed."""
        for event in self:
            if on_event is not None:
                on_event(event)
        problems = [describe_failure(event) for event in self.failures]
        if self.cancelled and not problems:
            problems = [problem("cancelled", "the run was cancelled")]
        if problems:
            raise LineFailed(problems, self)
        return self.results()

    @property
    def kept_ends(self) -> tuple[tuple[str, str], ...]:
        """The ends that are not written to standard output."""
        return tuple(end for end in self.ends if not is_sent(self.session, end[0]))

    def results(self) -> Results:
        """Return the results so far."""
        return results_of(self.session, self.ends, self.backend)
