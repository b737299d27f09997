"""Entity tags of sessions: `If-Match` keeps a client from adding to a session that has changed since it was read."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request

from invocations.sessions.session import Session

from .problem_details import ApiProblem

_TAGS: Final = re.compile(r'(?:W/)?"[^"]*"|\*')
LONGEST: Final = 10_000  # characters of a header that are read
CHANGED_HINT: Final = "read the session again, and send the request with its new ETag"


def tag_of(session: Session) -> str:
    """Return the entity tag of a session: the length of its log, which only grows."""
    return f'"{len(session.log)}"'


def check_match(request: Request, tag: str) -> None:
    """Refuse a request that was made for another version of a session. Raises: ApiProblem."""
    sent = request.headers.get("if-match")
    if sent is not None and not {tag, "*"} & set(_TAGS.findall(sent[:LONGEST])):
        message = "the session has changed: another client has added to it"
        raise ApiProblem(412, "session_changed", message, CHANGED_HINT, headers={"ETag": tag})
