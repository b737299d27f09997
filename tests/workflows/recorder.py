"""An observer that records its calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from invocations.language.source import Source
from workflows.observer import Observer, Outcome
from workflows.problems import Problem
from workflows.run_report import RunReport


@dataclass
class Recorder(Observer):
    """Records its calls in order.

    cancels: the line during which the recorder cancels the run
    """

    shown: list[tuple[str, Any]] = field(default_factory=list)
    cancels: str = ""

    def of(self, kind: str) -> list[Any]:
        return [value for name, value in self.shown if name == kind]

    def line_started(self, run: Any) -> None:
        self.shown.append(("line", run.text))
        if run.text == self.cancels:
            run.cancel()

    def event(self, event: Any) -> None:
        self.shown.append(("event", type(event).__name__))

    def results(self, results: Sequence[Any]) -> None:
        self.shown += [("result", result.value) for result in results]

    def problems(self, problems: Sequence[Problem]) -> None:
        self.shown += [("problem", problem.text) for problem in problems]

    def stopped(self, run: Any, report: RunReport) -> None:
        self.shown.append(("stopped", run.text))

    def warning(self, text: str) -> None:
        self.shown.append(("warning", text))

    def note(self, text: str) -> None:
        self.shown.append(("note", text))

    def directive(self, source: Source) -> Outcome:
        self.shown.append(("directive", source.text))
        return Outcome.DONE

    def script_finished(self, tally: Any) -> None:
        self.shown.append(("tally", (tally.done, tally.failed, tally.reused)))
