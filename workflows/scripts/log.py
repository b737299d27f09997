"""The log of a script: the messages for an observer as lines of text with times, to review a long run afterward."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final, TextIO

from workflows.observer import Observer, Outcome
from workflows.problems import UsageError
from workflows.shown_text import duration
from workflows.tally import summary

if TYPE_CHECKING:
    from invocations.events import Event
    from invocations.language.source import Source
    from workflows.line_run import LineRun
    from workflows.problems import Problem
    from workflows.results import Result
    from workflows.run_report import RunReport
    from workflows.tally import Tally

FORM: Final = "%Y-%m-%d %H:%M:%S"


@contextmanager
def open_log(path: str | None, folder: str) -> Iterator[TextIO | None]:
    """Open a log to append to, or yield None if no path is given. Raises: UsageError, if it cannot be written."""
    if path is None:
        yield None
        return
    with ExitStack() as opened:
        try:
            path = os.path.join(folder, os.path.expanduser(path))
            file = opened.enter_context(open(path, "a", encoding="utf-8", errors="backslashreplace"))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"the log `{path}` cannot be written: {reason}", "name a file in an existing folder"
            ) from error
        yield file


class LoggedObserver(Observer):
    """Passes everything on to another observer, and writes lines, results, problems and the summary to a log.

    log: the file, to which each entry is written at once
    now: returns the time as text
    If the log cannot be written, a warning says so once, and the script goes on.
    """

    def __init__(
        self, observer: Observer, log: TextIO, *, now: Callable[[], str] = lambda: time.strftime(FORM)
    ) -> None:
        self.observer, self.log, self.now = observer, log, now
        self.verbose = observer.verbose
        self._counts: dict[str, int] = {}  # how many lines had each outcome when the latest one ended
        self._seconds = 0.0  # seconds from the start of the script to the end of the latest line
        self._broken = False

    def write(self, text: str) -> None:
        """Write an entry; all of its lines except the first are indented."""
        if self._broken:
            return
        try:
            self.log.write(f"{self.now()}  {text}".replace("\n", "\n  ") + "\n")
            self.log.flush()
        except (OSError, ValueError) as error:
            self._broken = True
            self.observer.warning(f"the log cannot be written: {getattr(error, 'strerror', None) or error}")

    def line_started(self, run: LineRun) -> None:
        self.write(f"{run.source or run.session.id}: {' '.join(run.text.split())}")
        self.observer.line_started(run)

    def follow(self, run: LineRun) -> RunReport:
        return self.observer.follow(run)

    def event(self, event: Event) -> None:
        self.observer.event(event)

    def results(self, results: Sequence[Result]) -> None:
        for text in (text for result in results for text in result.text):
            self.write(f"result: {text}")
        self.observer.results(results)

    def problems(self, problems: Sequence[Problem]) -> None:
        for each in problems:
            self.write(each.text)
        self.observer.problems(problems)

    def stopped(self, run: LineRun, report: RunReport) -> None:
        self.write("stopped")
        self.observer.stopped(run, report)

    def warning(self, text: str) -> None:
        self.write(f"warning: {text}")
        self.observer.warning(text)

    def note(self, text: str) -> None:
        self.write(text)
        self.observer.note(text)

    def directive(self, source: Source) -> Outcome:
        self.write(source.text.strip())
        return self.observer.directive(source)

    def script_started(self, tally: Tally) -> None:
        self._counts, self._seconds = _outcomes(tally), tally.seconds
        self.observer.script_started(tally)

    def script_advanced(self, tally: Tally) -> None:
        counts = _outcomes(tally)
        outcome = next((name for name, count in counts.items() if count > self._counts.get(name, 0)), "done")
        place = f"line {sum(counts.values())} of {tally.lines}"
        self.write(f"{place} {outcome}, {duration(tally.seconds - self._seconds)}")
        self._counts, self._seconds = counts, tally.seconds
        self.observer.script_advanced(tally)

    def script_finished(self, tally: Tally) -> None:
        self.write(summary(tally))
        self.observer.script_finished(tally)


def _outcomes(tally: Tally) -> dict[str, int]:
    """Return how many lines of a script have had each outcome so far."""
    return {"failed": tally.failed, "already done": tally.reused, "skipped": tally.skipped, "done": tally.done}
