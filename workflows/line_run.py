"""The run of one or more lines: an iterator of events, and the results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from invocations.running.base import Run

from .problems import LineFailed, problem
from .results import Results, is_sent, results_of
from .run_report import RunReport

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.sessions.session import Key, Session

    from .backend import Backend


@dataclass
class LineRun(Run):
    """The run of one or more lines; iterating over it runs the nodes and yields their events.

    text: the lines as written
    nodes: the ids of the nodes to run
    ends: the node and output of each result
    source: the script and line number, or "" for a typed line
    seeds: the node and value of each random seed that was picked
    slow: whether a model must be loaded first
    by_reference: whether the results are references, such as images
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

    def __iter__(self) -> Iterator[Event]:
        return self

    def __next__(self) -> Event:
        return next(self.events)

    def wait(self, seconds: float) -> bool:
        return self.events.wait(seconds)

    def cancel(self) -> None:
        self.events.cancel()

    def abandon(self) -> None:
        self.events.abandon()

    def finish(self, on_event: Callable[[Event], None] | None = None) -> Results:
        """Run to the end and return the results; `on_event` is called with each event.

        Any other error, such as KeyboardInterrupt, cancels the run before it is raised. Raises: LineFailed.
        """
        report = RunReport()
        try:
            for event in self:
                report.count(event)
                if on_event is not None:
                    on_event(event)
        except BaseException:
            self.end()
            raise
        problems = report.problems(self.session)
        if report.too_many:
            problems = [report.refusal(self.backend.settings.max_items)]
        elif report.stopped and not report.failures:
            problems = [problem("cancelled", "the run was cancelled")]
        if problems:
            raise LineFailed(problems, self)
        return self.results()

    @property
    def kept_ends(self) -> tuple[tuple[str, str], ...]:
        """The node and output of each result, except images that were written to standard output."""
        return tuple(end for end in self.ends if not is_sent(self.session, end[0]))

    @property
    def open_loop(self) -> tuple[str, int, int] | None:
        """The innermost unfinished loop: its last node, the number of finished items, and of all (0 if unknown)."""
        session, loops = self.session, self.session.expansion.loops
        inside = [id_ for id_ in self.nodes if loops.axes(id_) and session.graph.node_type(id_).spec.role == "node"]
        last = max(inside, key=lambda id_: (len(loops.axes(id_)), session.graph.rank(id_)), default="")
        if not last or session.expansion.is_done((last,)):
            return None
        paths = session.paths(last)
        done = sum((last, path) in session.results for path in paths)
        return last, done, len(paths) if loops.is_complete(loops.axes(last)) else 0

    def results(self, only: Collection[Key] | None = None) -> Results:
        """Return the results that exist so far. only: the runs of nodes whose results are returned (default: all)"""
        return results_of(self.session, self.ends, self.backend, only)
