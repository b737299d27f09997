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
