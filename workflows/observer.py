"""The interface through which a terminal, a web server or a test shows what happens while lines run."""

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
    """The outcome of a line, a directive or a script."""

    DONE = "done"
    FAILED = "failed"  # a node failed
    REFUSED = "refused"  # the line was invalid, so nothing ran
    STOPPED = "stopped"  # the run was cancelled
    LIMITED = "limited"  # a limit of time or images stopped the script


class Observer:
    """Is notified of every event while lines run, and ignores it; subclasses override the methods they need.

    If a method raises an exception, the script ends.
    """

    verbose = False  # whether to show the traceback of a node's unexpected error

    def line_started(self, run: LineRun) -> None:
        """Show that a line has started; `run.cancel()` stops it."""

    def follow(self, run: LineRun) -> RunReport:
        """Run to the end, pass each event to `event`, and return the report."""
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
        """Show why a line was refused, or which nodes failed."""

    def agrees(self, items: int) -> bool | None:
        """Whether a sweep should run although it has more items than are allowed without asking; None if not asked."""
        return None

    def stopped(self, run: LineRun, report: RunReport) -> None:
        """Show that a run was cancelled."""

    def warning(self, text: str) -> None:
        """Show a warning about a valid line."""

    def note(self, text: str) -> None:
        """Show a note."""

    def directive(self, source: Source) -> Outcome:
        """Run a directive of a script and return its outcome; applications override this."""
        return Outcome.DONE

    def script_started(self, tally: Tally) -> None:
        """Show that a planned script has started."""

    def script_advanced(self, tally: Tally) -> None:
        """Show that a line of a script has ended."""

    def script_finished(self, tally: Tally) -> None:
        """Show that a script has ended, whether it was completed or stopped."""
