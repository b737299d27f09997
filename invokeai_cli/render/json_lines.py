"""Output for programs: `--events` writes one JSON object per event, `--json` writes one document at the end."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workflows.problems import Problem, problem

from .answer import Answer
from .base import LineStarted, Renderer
from .screen import Screen

if TYPE_CHECKING:
    from workflows.results import Result
    from workflows.tally import Tally

RESULT_SCHEMA = "result/1"
EVENT_SCHEMA = "event/1"


class JsonRenderer(Renderer):
    """Collects all output and writes it as one document when the program exits."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.session: str | None = None
        self.lines: list[dict[str, Any]] = []
        self.collected: list[dict[str, Any]] = []
        self.answers: list[dict[str, Any]] = []
        self.error_documents: list[dict[str, Any]] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []
        self.summary: dict[str, float | str] = {}

    def line_started(self, started: LineStarted) -> None:
        """Add the line and its seeds to the document."""
        self.session = started.session
        seeds = [{"node": node, "seed": seed} for node, seed in started.seeds]
        self.lines.append({"line": started.line, "source": started.source or None, "seeds": seeds})

    def event(self, event: Any) -> None:
        """Add the warning of a node to the document; ignore all other events."""
        if event.event == "log" and event.warning:
            self.warnings.append(f"`{event.node_type}`: {event.message}")

    def results(self, results: Sequence[Result]) -> None:
        """Add the results of a line to the document."""
        self.collected += [result.to_json() | {"line_number": len(self.lines)} for result in results]

    def answer(self, answer: Answer) -> None:
        """Add a directive's answer to the document."""
        self.answers.append({"schema": answer.schema, **_named(answer.data)})

    def problems(self, problems: Sequence[Problem]) -> None:
        """Add the errors to the document."""
        self.error_documents += [error.to_json() for error in problems]

    def warning(self, text: str) -> None:
        """Add a warning to the document, without the rows that quote the line."""
        self.warnings.append(text.partition("\n")[0])

    def note(self, text: str) -> None:
        """Add a note to the document."""
        self.notes.append(text)

    def upstream_ended(self, status: int) -> None:
        """Add an error to the document if the upstream process failed."""
        if status:
            message = f"the command before the `|` failed with exit status {status}"
            self.problems([problem("upstream_failed", message, "its error is on standard error", refused=True)])

    def script_finished(self, tally: Tally) -> None:
        """Add the summary of a script to the document."""
        self.summary = tally.to_json()

    def close(self, status: int) -> None:
        """Write the document; a single directive's answer is written alone."""
        alone = len(self.answers) == 1 and not (self.lines or self.error_documents)
        notes = {"notes": self.notes} if self.notes else {}
        self.screen.result(dump({**notes, **self.answers[0]} if alone else self.document(status)))

    def document(self, status: int) -> dict[str, Any]:
        """Return the document of the run."""
        document = {
            "schema": RESULT_SCHEMA,
            "status": status,
            "session": self.session,
            "lines": self.lines,
            "results": self.collected,
            "errors": self.error_documents,
            "warnings": self.warnings,
            "notes": self.notes,
        }
        document |= {"summary": self.summary} if self.summary else {}
        return document | ({"answers": self.answers} if self.answers else {})


class EventsRenderer(JsonRenderer):
    """Writes each event on a line of its own, and the document on the last line."""

    def line_started(self, started: LineStarted) -> None:
        """Write that a line has started."""
        super().line_started(started)
        self._write("line_started", {"session_id": started.session, **self.lines[-1]})

    def event(self, event: Any) -> None:
        """Write an event."""
        super().event(event)
        data = event.to_json()
        data.pop("preview", None)
        self._write(None, data)

    def problems(self, problems: Sequence[Problem]) -> None:
        """Write errors as they occur."""
        super().problems(problems)
        for error in problems:
            self._write("error", error.to_json())

    def warning(self, text: str) -> None:
        """Write a warning."""
        super().warning(text)
        self._write("warning", {"message": self.warnings[-1]})

    def note(self, text: str) -> None:
        """Write a note."""
        super().note(text)
        self._write("note", {"message": text})

    def close(self, status: int) -> None:
        """Write the document as the last line."""
        self._write("result", self.document(status))

    def _write(self, name: str | None, data: dict[str, Any]) -> None:
        head = {"schema": EVENT_SCHEMA} | ({"event": name} if name else {})
        self.screen.result(dump(head | data))


def dump(data: Any) -> str:
    """Return one line of JSON that any stream can carry; numbers that JSON lacks (inf, nan) become strings."""
    try:
        return json.dumps(data, ensure_ascii=True, allow_nan=False, default=str)
    except ValueError:
        return json.dumps(_finite(data), ensure_ascii=True, allow_nan=False, default=str)


def _finite(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_finite(value) for value in data]
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data


def _named(data: Any) -> dict[str, Any]:
    return data if isinstance(data, dict) else {"items": data}
