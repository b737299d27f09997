"""Find the line that `recipe save --from` names: a line of the session by its number, or the line of a stage."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.frozen import frozen
from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tokens import split_reference
from invocations.sessions.session import Session
from invocations.shown_numbers import counted
from workflows.problems import UsageError

FORMS = "write the number of a line, or a stage: @-1, @3, @fox"


@frozen
class LineStage:
    """A stage of a line: its number in the session, its name if it has one, and the number of its line."""

    number: int
    name: str | None
    line: int


def lines_of(session: Session) -> tuple[list[str], list[LineStage]]:
    """Return the text of each line of a session, and the stages of all lines."""
    stages = [LineStage(each.number, each.name, each.line) for each in session.stages]
    return [each.text for each in session.lines], stages


def line_in(lines: Sequence[str], stages: Sequence[LineStage], place: str) -> str:
    """Return the text of the line that `--from` names. Raises: UsageError.

    place: the number of a line, or a stage such as `@-1`, `@3` or `@fox`: its line is cut off after that stage
    """
    if place.isascii() and place.isdigit():
        number = int(place) if len(place) < 10 else 0
        if not 0 < number <= len(lines):
            raise UsageError(f"the session has no line {place}", _count(len(lines)))
        return lines[number - 1]
    found = split_reference(place) if place.startswith("@") else None
    if found is None or found[1] is not None:
        raise UsageError(f"`--from` takes a line or a stage of the session, not `{place}`", FORMS)
    stage = _stage(stages, found[0])
    if stage is None:
        raise UsageError(f"there is no earlier stage `{place}`", _count(len(lines)))
    before = [each for each in stages if each.line == stage.line and each.number <= stage.number]
    return until(lines[stage.line - 1], len(before))


def until(text: str, count: int) -> str:
    """Return a line cut off after its first `count` stages."""
    stages = read(Source(None, text))[0].stages
    return text[: stages[count - 1].span.end] if count < len(stages) else text


def _stage(stages: Sequence[LineStage], name: str | int) -> LineStage | None:
    if isinstance(name, str):
        return next((each for each in reversed(stages) if each.name == name), None)
    if name < 0:
        return stages[name] if -name <= len(stages) else None
    return next((each for each in stages if each.number == name), None)


def _count(lines: int) -> str:
    return f"it has {counted(lines, 'line')}" if lines else "it has no lines yet"
