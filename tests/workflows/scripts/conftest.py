"""Workspaces without an application, and an observer that records its calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from invocations.catalog.registry import open_registry
from invocations.language.source import Source
from workflows.observer import Observer, Outcome
from workflows.problems import Problem
from workflows.reserved import ReservedWords
from workflows.run_report import RunReport
from workflows.settings.place import Place
from workflows.settings.resolve import resolve
from workflows.workspace import Workspace

WORDS = ReservedWords({"let": "", "set": "", "unset": "", "run": "", "exit": "", "stats": ""})


@dataclass
class Recorder(Observer):
    """Records its calls in order; `cancels`: the text of a line whose run it cancels."""

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

    def note(self, text: str) -> None:
        self.shown.append(("note", text))

    def directive(self, source: Source) -> Outcome:
        self.shown.append(("directive", source.text))
        return Outcome.DONE

    def script_finished(self, tally: Any) -> None:
        self.shown.append(("tally", (tally.done, tally.failed, tally.reused)))


@pytest.fixture(autouse=True)
def no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make any import of the terminal fail."""
    for name in [name for name in sys.modules if name.startswith("invokeai_cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "invokeai_cli", None)


@pytest.fixture
def open_workspace(isolated_home: Path, tmp_path: Path) -> Any:
    """Return a function that opens workspaces with one shared home; all are closed after the test."""
    opened: list[Workspace] = []

    def open_() -> Workspace:
        place = Place({"INVOKEAI_HOME": str(isolated_home)}, str(tmp_path))
        workspace = Workspace(
            lambda: resolve(place, {}, {}), catalog=open_registry(), folder=str(tmp_path), reserved=WORDS
        )
        opened.append(workspace)
        return workspace

    yield open_
    for workspace in opened:
        workspace.close()


OpenWorkspace = Callable[[], Workspace]
