"""Entity tags: `If-None-Match` saves sending what a client has; `If-Match` keeps it from adding to what it lacks."""

from __future__ import annotations

import re
from typing import Final

from fastapi import Request, Response

from invocations.sessions.session import Session

from .problem_details import ApiProblem

_TAGS: Final = re.compile(r'(?:W/)?"[^"]*"|\*')
CHANGED_HINT: Final = "read the session again, and send the request with its new ETag"


def tag_of(session: Session) -> str:
    """Return the entity tag of a session: the length of its log, which only grows."""
    return f'"{len(session.log)}"'


def not_modified(request: Request, tag: str, headers: dict[str, str] | None = None) -> Response | None:
    """Return the answer 304 if the client has this version already, else None."""
    sent = request.headers.get("if-none-match")
    if sent is None or not (_has(sent, tag, weakly=True)):
        return None
    return Response(status_code=304, headers={"ETag": tag, **(headers or {})})


def check_match(request: Request, tag: str) -> None:
    """Refuse a request that was made for another version of a session. Raises: ApiProblem."""
    sent = request.headers.get("if-match")
    if sent is not None and not _has(sent, tag, weakly=False):
        message = "the session has changed: another client has added to it"
        raise ApiProblem(412, "session_changed", message, CHANGED_HINT, headers={"ETag": tag})


def _has(header: str, tag: str, *, weakly: bool) -> bool:
    """Return True if a header names a tag, or `*`; weakly: also if one of both is weak."""
    found = _TAGS.findall(header[:10_000])
    if weakly:
        found, tag = [each.removeprefix("W/") for each in found], tag.removeprefix("W/")
    return tag in found or "*" in found
