"""Entity tags of sessions: `If-Match` keeps a client from adding to a session whose lines it does not know."""

from __future__ import annotations

import re
from typing import Annotated, Final

from fastapi import Header

from invocations.sessions.journal import Extension
from invocations.sessions.session import Session

from .problem_details import ApiProblem

IfMatch = Annotated[str | None, Header(max_length=10_000, description="ETag of the session that the client knows")]
CHANGED_HINT: Final = "read the session again, and send the request with its new ETag"
_TAGS: Final = re.compile(r'((?:W/)?)"([^"]*)"|\*')


def tag_of(session: Session) -> str:
    """Return the entity tag of a session: the length of its log, which only grows."""
    return f'"{len(session.log)}"'


def check_match(session: Session, if_match: str | None) -> None:
    """Refuse a request of a client that does not know all lines of a session; results of nodes do not count.

    Raises: ApiProblem.
    """
    if if_match is not None and not any(_is_current(session, tag) for tag in _TAGS.finditer(if_match)):
        message = "the session has changed: another client has added to it"
        raise ApiProblem(412, "session_changed", message, CHANGED_HINT, headers={"ETag": tag_of(session)})


def _is_current(session: Session, tag: re.Match[str]) -> bool:
    """Return True if a tag is `*`, or of a version of the session to which no line was added since."""
    if tag[0] == "*":
        return True
    if tag[1] or not re.fullmatch("[0-9]{1,15}", tag[2], re.ASCII):
        return False
    length, log = int(tag[2]), session.log
    return length <= len(log) and not any(isinstance(entry, Extension) for entry in log[length:])
