"""The version of a session, which is the length of its log, and requests that depend on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import Header

from invocations.errors import SessionChanged
from invocations.sessions.journal import Extension

from .problem_details import ApiProblem

if TYPE_CHECKING:
    from invocations.sessions.session import Session

IfMatch = Annotated[str, Header(max_length=400, description="ETag of the session that the client knows")]
_TAGS: Final = re.compile(r'(?:W/)?"([0-9]{1,15})"', re.ASCII)
_NOT_A_VERSION: Final = "the header If-Match does not contain an ETag of this session"


def session_etag(session: Session) -> str:
    """Return the ETag of a session."""
    return f'"{len(session.log)}"'


def check_unchanged(session: Session, if_match: str) -> None:
    """Refuse a request for a version to which a line was added meanwhile; results of nodes do not count.

    Raises: SessionChanged; ApiProblem, if the header is malformed.
    """
    if not if_match or if_match.strip() == "*":
        return
    tags = _TAGS.findall(if_match)
    if not tags:
        raise ApiProblem(400, "malformed_request", _NOT_A_VERSION, field="if-match")
    log = session.log
    known = max(int(tag) for tag in tags)
    if known > len(log) or any(isinstance(entry, Extension) for entry in log[known:]):
        message = f"lines were added to session `{session.id}`"
        raise SessionChanged(session.id, message, "another client has changed it: read it again")
