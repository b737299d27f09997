"""Limits of request bodies: their type, their size, counted while they arrive, and the time that they may take."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from invocations.frozen import frozen
from invokeai_web.problem_details import ApiProblem

MIB: Final = 2**20
JSON_BYTES: Final = MIB
UPLOAD_BYTES: Final = 32 * MIB
FORM_BYTES: Final = UPLOAD_BYTES + MIB  # an upload with the other parts of its form
BASE64_BYTES: Final = UPLOAD_BYTES * 4 // 3 + MIB  # an image within JSON
CHUNK_SECONDS: Final = 20.0  # within which the next part of a body must arrive
JSON: Final = ("application/json",)
UPLOADS: Final = ("multipart/form-data", "image/", "application/octet-stream")


@frozen
class BodyRule:
    """What the body of a request may be; types: prefixes of media types, or () for any."""

    most_bytes: int = JSON_BYTES
    types: tuple[str, ...] = JSON


RULES: Final = (
    (re.compile(r"/api/v1/images"), BodyRule(FORM_BYTES, UPLOADS)),
    (re.compile(r"/api/v1/sessions/import"), BodyRule(UPLOAD_BYTES)),
    (re.compile(r"/v1/images/edits"), BodyRule(FORM_BYTES, (*UPLOADS, *JSON))),
    (re.compile(r"/sdapi/v1/.*"), BodyRule(BASE64_BYTES)),
    (re.compile(r"/socket\.io/.*"), BodyRule(MIB, ())),
)
"""Addresses whose requests may have other bodies than 1 MiB of JSON."""


def rule_of(path: str) -> BodyRule:
    """Return what the body of a request to an address may be."""
    path = path.rstrip("/") if path.startswith("/api/") else path
    return next((rule for pattern, rule in RULES if pattern.fullmatch(path)), BodyRule())


def check_body(path: str, headers: Mapping[str, str]) -> BodyRule:
    """Check the headers that describe a body. Raises: ApiProblem."""
    rule = rule_of(path)
    length = headers.get("content-length", "")
    if length.isascii() and length.isdigit() and int(length[:18]) > rule.most_bytes:
        raise ApiProblem(413, "too_large", too_large(rule))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = length not in ("", "0") or "transfer-encoding" in headers
    if has_body and rule.types and not kind.startswith(rule.types):
        wanted = " or ".join(f"`{each}*`" if each.endswith("/") else f"`{each}`" for each in rule.types)
        sent = f"`{kind[:60]}`" if kind else "no Content-Type"
        raise ApiProblem(415, "unsupported_media_type", f"the body must be {wanted}, and the request has {sent}")
    return rule


def too_large(rule: BodyRule) -> str:
    """Return the message for a body that is too large."""
    return f"the body is larger than {rule.most_bytes // MIB} MiB"


def limited(receive: Receive, rule: BodyRule, seconds: float = CHUNK_SECONDS) -> Receive:
    """Return a function that receives a body in parts and refuses it when it becomes too large or stops arriving."""
    taken, is_complete = 0, False

    async def receive_part() -> Message:
        nonlocal taken, is_complete
        if is_complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), seconds)
        except TimeoutError:
            raise HTTPException(408, f"no part of the body arrived within {seconds:.0f} seconds") from None
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            is_complete = not message.get("more_body", False)
            if taken > rule.most_bytes:
                raise HTTPException(413, too_large(rule))
        else:
            is_complete = True
        return message

    return receive_part
