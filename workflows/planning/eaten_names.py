"""Find a stage of a session whose text ends in `as NAME`, where the user may have meant `--as NAME`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from invocations.language.parser import read
from invocations.language.source import Source
from invocations.language.tokens import AS
from invocations.language.tree import Positional, Stage, Word

if TYPE_CHECKING:
    from invocations.sessions.session import Session


def eaten_by(session: Session, name: str) -> int | None:
    """Return the number of a session's latest stage that has `as NAME` at the end of its text, or None."""
    for line in reversed(session.lines):
        if f"as {name}" not in " ".join(line.text.split()):
            continue
        stages = [stage for stage in session.stages if stage.line == line.number]
        for stage, written in zip(stages, read(Source(None, line.text))[0].stages, strict=False):
            if stage.name is None and name in _last_names(written):
                return stage.number
    return None


def _last_names(stage: Stage) -> Iterator[str]:
    """Yield the NAME of each unquoted `as NAME` that stands before an option or at the end of a stage."""
    if stage.name is not None and not stage.as_option:
        yield stage.name
    words = [each.value if isinstance(each, Positional) else None for each in stage.arguments]
    texts = [word.text if isinstance(word, Word) and not word.quote else None for word in words]
    for at, text in enumerate(texts):
        if text is not None and at > 1 and texts[at - 1] == AS and (texts[at + 1 :] or [None])[0] is None:
            yield text
