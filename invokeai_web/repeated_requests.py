"""Requests that create something are carried out once, however often a client repeats them with the same key."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from invocations.errors import InvocationError
from invocations.storing.idempotency import RecordedAnswer, RequestRecords

from .private_paths import PrivatePaths
from .problem_details import problem_answer

HEADER: Final = "idempotency-key"
CREATING: Final = re.compile(
    r"/api/v1/(sessions(/import|/[^/]+/(nodes|graph|lines|invocations))?|images(/[^/]+/replay)?)/?"
)
KEPT: Final = ("content-type", "location", "etag")  # headers of an answer that are recorded with it
BOUNDARY: Final = re.compile(rb'boundary="?([^";]+)"?')


class RepeatedRequests:
    """An ASGI application around another one, which records the answers to requests with an `Idempotency-Key`.

    Only successful answers are recorded: a request that was refused can be sent again with its key.
    """

    def __init__(self, app: ASGIApp, records: RequestRecords, without_paths: PrivatePaths) -> None:
        self._app = app
        self._records = records
        self._without_paths = without_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        try:
            known = await asyncio.to_thread(self._records.begin, key, digest_of(scope, body))
        except InvocationError as error:
            await problem_answer(error, self._without_paths)(scope, receive, send)
            return
        if known is None:
            await self._carry_out(key, body, scope, receive, send)
        else:
            await _send(known, send)

    async def _carry_out(self, key: str, body: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer a request, and record the answer before it is sent."""
        sent: list[Message] = []
        is_read = False

        async def receive_again() -> Message:
            nonlocal is_read
            if is_read:
                return await receive()
            is_read = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            sent.append(message)

        try:
            await self._app(scope, receive_again, keep)
        except BaseException:
            await asyncio.to_thread(self._records.abandon, key)
            raise
        answer = _answer(sent)
        if 200 <= answer.status < 300:
            await asyncio.to_thread(self._records.finish, key, answer)
        else:
            await asyncio.to_thread(self._records.abandon, key)
        for message in sent:
            await send(message)


def digest_of(scope: Scope, body: bytes) -> str:
    """Return the digest of a request; the boundaries of a form, which clients choose at random, do not count."""
    kind = Headers(scope=scope).get("content-type", "").encode("latin-1")
    boundary = BOUNDARY.search(kind)
    if boundary is not None:
        kind, body = kind.partition(b";")[0], body.replace(boundary[1], b"")
    parts = (scope["method"].encode(), scope["path"].encode("utf-8", "surrogatepass"), scope["query_string"], kind)
    return hashlib.sha256(b"\n".join((*parts, body))).hexdigest()


def _key(scope: Scope) -> str | None:
    """Return the key of a request that creates something, or None."""
    if scope["type"] != "http" or scope["method"] != "POST" or not CREATING.fullmatch(scope["path"]):
        return None
    return Headers(scope=scope).get(HEADER)


async def _read(receive: Receive) -> bytes | None:
    """Return the body of a request, or None if the client disconnects before its end."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _answer(sent: list[Message]) -> RecordedAnswer:
    """Return the answer that consists of these messages; its status is 0 if there is none."""
    start = next((each for each in sent if each["type"] == "http.response.start"), None)
    if start is None:
        return RecordedAnswer(0)
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in start["headers"]]
    body = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
    return RecordedAnswer(start["status"], body, tuple(each for each in headers if each[0] in KEPT))


async def _send(answer: RecordedAnswer, send: Send) -> None:
    headers = [*answer.headers, ("content-length", str(len(answer.body))), ("idempotency-replayed", "true")]
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": encoded})
    await send({"type": "http.response.body", "body": answer.body, "more_body": False})
