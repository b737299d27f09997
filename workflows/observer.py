"""Whoever shows what happens while lines run: a terminal, a web server, a test."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from .run_report import RunReport

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.language.source import Source

    from .line_run import LineRun
    from .problems import Problem
    from .results import Result
    from .tally import Tally


class Outcome(Enum):
    """How a line, a directive or a script ended."""

    DONE = "done"
    FAILED = "failed"  # a node failed
    REFUSED = "refused"  # nothing ran
    STOPPED = "stopped"  # cancelled


class Observer:
    """Does nothing; subclasses override what they show. What they raise ends the script."""

    verbose = False  # whether unexpected errors of nodes are described with their tracebacks

    def line_started(self, run: LineRun) -> None:
        """Show that a line starts; `run.cancel()` stops it."""

    def follow(self, run: LineRun) -> RunReport:
        """Follow a run to its end and pass on its events."""
        report = RunReport()
        for event in run:
            report.count(event)
            self.event(event)
        return report

    def event(self, event: Event) -> None:
        """Show an event of a run."""

    def results(self, results: Sequence[Result]) -> None:
        """Show the results of a line."""

    def problems(self, problems: Sequence[Problem]) -> None:
        """Show why a line was refused, or what failed."""

    def stopped(self, run: LineRun, report: RunReport) -> None:
        """Show that a run was cancelled."""

    def warning(self, text: str) -> None:
        """Show what is suspicious in a valid line."""

    def note(self, text: str) -> None:
        """Show what is worth knowing."""

    def directive(self, source: Source) -> Outcome:
        """Run a directive of a script: what it does is the application's."""
        return Outcome.DONE

    def script_started(self, tally: Tally) -> None:
        """Show that a planned script starts."""

    def script_advanced(self, tally: Tally) -> None:
        """Show that a line of a script has finished."""

    def script_finished(self, tally: Tally) -> None:
        """Show that a script has finished or was stopped."""
