"""The errors of an application, and the function that describes any known error as a `Problem`.

ApplicationError   carries message, hint, code, and whether anything was run
  UsageError       an option of the program or a directive was used incorrectly
    Refused        a directive names something that cannot be used, such as a model
  ConfigError      a settings file, variable or flag has an invalid value
  FileError        a script cannot be read, a settings file cannot be written
  DataRefused      data from outside, such as a graph, has wrong values; carries a problem for each
  NotAllowed       a line or a session from somebody else would do something that is not allowed
  LineFailed       a line was run and a node failed (from `Workspace.run`)
Refusal            (from the language) a line is invalid; carries every error with its place
InvocationError    (from the framework) a node, a service or the store failed
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen
from invocations.language.errors import MAX_DRAWN, LanguageError, Refusal, draw
from invocations.language.errors import visible as escaped
from invocations.language.source import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from invocations.events import NodeFailed
    from invocations.running.base import Run


class ApplicationError(Exception):
    """An error of the application itself."""

    code = "application_error"
    refused = True  # whether nothing was run

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ApplicationError):
    """An option of the program or a directive was used incorrectly."""

    code = "usage_error"


class Refused(UsageError):
    """A directive names something that cannot be used, such as a model; `code` says why."""

    def __init__(self, message: str, hint: str | None, code: str) -> None:
        super().__init__(message, hint)
        self.code = code


class ConfigError(ApplicationError):
    """A settings file, variable or flag has an invalid value."""

    code = "config_error"


class NotAllowed(ApplicationError):
    """A line or a session from somebody else would do something that is not allowed."""

    code = "not_allowed"
    refused = False


class FileError(ApplicationError):
    """A file of the application itself cannot be read or written."""

    code = "file_error"
    refused = False


class LineFailed(ApplicationError):
    """A line was run and a node failed, or the run was cancelled; `run` contains the results of the other nodes."""

    code = "line_failed"
    refused = False

    def __init__(self, problems: list[Problem], run: Run) -> None:
        super().__init__("\n".join(each.message for each in problems), problems[0].hint)
        self.code = problems[0].code
        self.problems = problems
        self.run = run


class DataRefused(ApplicationError):
    """Data from outside, such as a graph, is refused; `problems` describes each mistake."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(each.message for each in problems), problems[0].hint)
        self.code = problems[0].code
        self.problems = tuple(problems)


@frozen
class Problem:
    """One error, described for people (`text`) and programs (`to_json`).

    refused: nothing was run. partial: an item failed, and the line was completed without it
    """

    code: str
    message: str
    hint: str | None
    text: str
    refused: bool = False
    span: tuple[int, int] | None = None
    place: tuple[str, int, int] | None = None  # file, line, column
    node: str = ""
    partial: bool = False
    field: str = ""  # the input of the node

    def with_hint(self, hint: str) -> Problem:
        """Return the problem with another hint instead of its own."""
        return replace(self, hint=hint, text=self.text.replace(self.hint, hint) if self.hint else self.text)

    def to_json(self) -> dict[str, Any]:
        """Return code, message, hint and span as JSON data; also the place in a file and the node, if known."""
        data: dict[str, Any] = {"code": self.code, "message": self.message, "hint": self.hint}
        data["span"] = list(self.span) if self.span else None
        if self.place:
            data["file"], data["line"], data["column"] = self.place
        if self.node:
            data["node"] = self.node
        if self.field:
            data["field"] = self.field
        return data


def describe(error: BaseException) -> list[Problem]:
    """Return a problem for each mistake in a known error, or [] for an unexpected error, which is a bug."""
    if isinstance(error, Refusal):
        found = [_language(each, error.source) for each in error.errors[:MAX_DRAWN]]
        more = len(error.errors) - len(found)
        return [*found, problem("more_errors", f"{more} more errors are not shown", refused=True)] if more else found
    if isinstance(error, DataRefused):
        return list(error.problems)
    if isinstance(error, ApplicationError):
        return [problem(error.code, error.message, error.hint, refused=error.refused)]
    code, message = getattr(error, "code", None), getattr(error, "message", None)
    if isinstance(code, str) and isinstance(message, str) and type(error).__module__.startswith("invocations."):
        return [problem(code, message, getattr(error, "hint", None))]
    if isinstance(error, OSError) and error.errno is not None:
        name = f"`{error.filename}`: " if error.filename else ""
        return [problem("system_error", f"{name}{error.strerror}")]
    return []


def describe_failure(event: NodeFailed, *, verbose: bool = False, item: str = "", more: str = "") -> Problem:
    """Describe why a node failed.

    verbose: whether to add the traceback of an unexpected error
    item: the name of the item of a loop in which the node failed
    more: a line to add to the hint
    """
    error = event.error
    hint = error.hint
    if error.trace:
        hint = error.trace if verbose else f"unexpected {error.type}; run with -v for the traceback"
    hint = "\n".join(text for text in (hint, more) if text)
    message = f"{event.node_type} ({event.node_id}){f' for {item}' if item else ''}: {error.message}"
    return problem(error.code, message, hint or None, node=event.node_id)


def problem(
    code: str, message: str, hint: str | None = None, *, refused: bool = False, node: str = "", field: str = ""
) -> Problem:
    """Return a problem that does not point at a place in a line."""
    message, hint = visible(message), visible(hint) if hint else None
    text = f"error: {message}" + "".join(f"\n  {line}" for line in (hint or "").splitlines())
    return Problem(code, message, hint, text, refused, node=node, field=field)


def at_line(error: Problem, source: Source, offset: int) -> Problem:
    """Return a problem with its file, line and column added; unchanged if it has them, or if the line was typed."""
    if source.name is None or error.place is not None:
        return error
    line, column = source.line_column(offset)
    text = f"{visible(source.name)}:{line}:{column}: {error.text}"
    return replace(error, text=text, place=(source.name, line, column))


def visible(text: str) -> str:
    """Return untrusted text with all control characters except newlines escaped."""
    return "\n".join(escaped(line) for line in text.split("\n"))


def _language(error: LanguageError, source: Source) -> Problem:
    place = None
    if source.name is not None:
        place = (source.name, *source.line_column(error.span.start))
    hint = "\n".join(text for text in (error.hint, *error.notes) if text) or None
    text, span = draw(error, source), (error.span.start, error.span.end)
    return Problem(error.code, error.message, hint, text, True, span, place)
