"""Find the line that `recipe save --from` names: a line of the session by its number, or the line of a stage."""

from __future__ import annotations

from collections.abc import Sequence

from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tokens import split_reference
from invocations.sessions.session import Session, SessionStage
from workflows.problems import UsageError

FORMS = "write the number of a line, or a stage: @-1, @3, @fox"


def line_in(session: Session, place: str) -> str:
    """Return the text of a line of a session. Raises: UsageError.

    place: the number of the line; or a stage as `@-1`, `@3` or `@fox`, whose line ends with that stage
    """
    if place.isascii() and place.isdigit():
        number = int(place) if len(place) < 10 else 0
        if not 0 < number <= len(session.lines):
            raise UsageError(f"the session has no line {place}", _count(len(session.lines)))
        return session.lines[number - 1].text
    found = split_reference(place) if place.startswith("@") else None
    if found is None or found[1] is not None:
        raise UsageError(f"`--from` takes a line or a stage of the session, not `{place}`", FORMS)
    stage = _stage(session.stages, found[0])
    if stage is None:
        raise UsageError(f"there is no earlier stage `{place}`", _count(len(session.lines)))
    before = [each for each in session.stages if each.line == stage.line and each.number <= stage.number]
    return until(session.lines[stage.line - 1].text, len(before))


def until(text: str, count: int) -> str:
    """Return a line with only its first stages."""
    stages = read(Source(None, text))[0].stages
    return text[: stages[count - 1].span.end] if count < len(stages) else text


def _stage(stages: Sequence[SessionStage], name: str | int) -> SessionStage | None:
    if isinstance(name, str):
        return next((each for each in reversed(stages) if each.name == name), None)
    if name < 0:
        return stages[name] if -name <= len(stages) else None
    return next((each for each in stages if each.number == name), None)


def _count(lines: int) -> str:
    return f"it has {lines} line{'s' * (lines != 1)}" if lines else "it has no lines yet"
