"""The tool `run`: run a line in the connection's session, in a thread that can be cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from invocations.language.source import Source
from workflows.execute import guarded, run_planned
from workflows.observer import Observer, Outcome
from workflows.problems import problem

from .answer import ImageLink, ToolAnswer
from .progress import RunProgress

if TYPE_CHECKING:
    from invocations.events import Event
    from workflows.line_run import LineRun
    from workflows.problems import Problem
    from workflows.results import Result
    from workflows.run_report import RunReport

    from .arguments import LineArguments
    from .connection import Connection

Report = Callable[[float, float, str], None]
MOST_SHOWN: Final = 100  # lines of text of one result


class LineTask(Observer):
    """One line while it runs: collects what happens, reports progress and can be cancelled from another thread.

    report: called in the run's thread with the finished part, the whole, and what is in progress
    """

    def __init__(self, connection: Connection, arguments: LineArguments, report: Report) -> None:
        self._connection = connection
        self._most_items = arguments.max_items
        self._source = Source(None, arguments.line)
        self._report = report
        self._lock = threading.Lock()
        self._until_started = ExitStack()
        self._run: LineRun | None = None
        self._is_cancelled = False
        self._progress = RunProgress(())
        self._results: list[Result] = []
        self._problems: list[Problem] = []
        self._warnings: list[str] = []
        self._notes: list[str] = []

    def cancel(self) -> None:
        """Stop the line after the step in progress, or before it begins."""
        with self._lock:
            self._is_cancelled = True
            if self._run is not None:
                self._run.cancel()

    def work(self) -> ToolAnswer:
        """Plan the line and run it to the end."""
        guarded(self._source, self, self._planned_and_run)
        return self._answer()

    def _planned_and_run(self) -> Outcome:
        """Plan and run the line; other lines are not planned before it has been added to the session."""
        with self._until_started:
            workspace = self._until_started.enter_context(self._connection.planning())
            workspace.refresh()
            plan = self._connection.plan(self._source, self._most_items)
            if self._is_cancelled:
                self.problems([problem("cancelled", "the line was cancelled before it began", refused=True)])
                return Outcome.STOPPED
            return run_planned(workspace, plan, self)

    def line_started(self, run: LineRun) -> None:
        self._until_started.close()
        self._progress = RunProgress(run.nodes)
        with self._lock:
            self._run = run
            if self._is_cancelled:
                run.cancel()

    def event(self, event: Event) -> None:
        if event.event == "log" and getattr(event, "warning", False):
            self._warnings.append(f"`{event.node_type}`: {getattr(event, 'message', '')}")
        if self._progress.count(event):
            self._report(self._progress.value, self._progress.total, self._progress.message)

    def results(self, results: Sequence[Result]) -> None:
        self._results += results

    def problems(self, problems: Sequence[Problem]) -> None:
        self._problems += problems

    def agrees(self, items: int) -> bool | None:
        return items <= self._most_items if self._most_items else None

    def stopped(self, run: LineRun, report: RunReport) -> None:
        hint = f"the results so far are in session {run.session.id}"
        self._problems.append(problem("cancelled", "the run was cancelled", hint))

    def warning(self, text: str) -> None:
        self._warnings.append(text.partition("\n")[0])

    def note(self, text: str) -> None:
        self._notes.append(text)

    def _answer(self) -> ToolAnswer:
        self._warnings += self._connection.take_warnings()
        images: list[ImageLink] = []
        lines: list[str] = []
        for result in self._results:
            images += self._connection.link(result)
            lines += _shown(result)
        lines += [f"warning: {text}" for text in self._warnings] + [f"note: {text}" for text in self._notes]
        return ToolAnswer("\n".join(lines), self._data(images), tuple(images), tuple(self._problems))

    def _data(self, images: Sequence[ImageLink]) -> dict[str, Any]:
        run = self._run
        return {
            "session": run.session.id if run is not None else None,
            "line": self._source.text.strip(),
            "seeds": [{"node": node, "seed": seed} for node, seed in run.seeds] if run is not None else [],
            "results": [each.to_json() | {"text": [*each.text]} for each in self._results],
            "images": [image.to_json() for image in images],
            "warnings": self._warnings,
            "notes": self._notes,
        }


def _shown(result: Result) -> list[str]:
    """Return the text of a result, without most of the lines of a very long one."""
    if len(result.text) <= MOST_SHOWN:
        return [*result.text]
    return [*result.text[:MOST_SHOWN], f"... and {len(result.text) - MOST_SHOWN} more"]
