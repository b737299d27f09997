<<<<<<< HEAD
"""The ETag of a session, which is the length of its log, and what requests say about it."""

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
IfNoneMatch = Annotated[str, Header(max_length=400, description="ETag that the client has")]
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')
_CHANGED: Final = "another client has changed it: read it again"


def session_etag(session: Session) -> str:
    """Return the ETag of a session."""
    return f'"{len(session.log)}"'


def is_known(etag: str, if_none_match: str) -> bool:
    """Whether a client has this version already."""
    return if_none_match.strip() == "*" or etag.strip('"') in _TAG.findall(if_none_match)


def check_unchanged(session: Session, if_match: str) -> None:
    """Refuse a request for a version to which a line was added meanwhile; results of nodes do not count.

    Raises: SessionChanged; ApiProblem, if the header is malformed.
    """
    if not if_match or if_match.strip() == "*":
        return
    tags = _TAG.findall(if_match)
    if not tags or not all(re.fullmatch("[0-9]{1,15}", tag, re.ASCII) for tag in tags):
        raise ApiProblem(400, "malformed_request", "the header If-Match is not an ETag of this session", field="if-match")
    log = session.log
    known = max(int(tag) for tag in tags)
    if known > len(log) or any(isinstance(entry, Extension) for entry in log[known:]):
        message = f"lines were added to session `{session.id}`"
        raise SessionChanged(session.id, message, _CHANGED)
=======
"""Entity tags: answers that a client has already are not sent again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response


def etag_of(*parts: str) -> str:
    """Return a strong entity tag for content that these strings identify."""
    return f'"{hashlib.sha256(json.dumps(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'


def is_known(request: Request, etag: str) -> bool:
    """Return True if the client has the content with this tag: If-None-Match lists it or is `*`."""
    given = ",".join(request.headers.getlist("if-none-match"))
    tags = [tag.strip().removeprefix("W/") for tag in given.split(",")]
    return "*" in tags or etag in tags


def not_modified(etag: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer to a client that has the content."""
    return Response(status_code=304, headers={**(headers or {}), "etag": etag})


def tagged(request: Request, etag: str, data: Any, *, cache: str = "no-cache") -> Response:
    """Return JSON data with its tag, or 304 if the client has it; `cache` is the header Cache-Control."""
    headers = {"etag": etag, "cache-control": cache}
    return not_modified(etag, headers) if is_known(request, etag) else JSONResponse(data, headers=headers)
>>>>>>> main
