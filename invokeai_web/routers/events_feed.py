"""The events of a session for curl and for programs without Socket.IO."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

from fastapi import Header, Query
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.events.base import Found, Reset
from invokeai_web.events.stream import events_after
from invokeai_web.guard.guard import too_many
from invokeai_web.problem_details import ApiProblem
from invokeai_web.server import Server

router = ApiRouter("sessions", prefix="/sessions/{session_id}")

LINES: Final = "application/x-ndjson"
STREAM: Final = "text/event-stream"
BEAT_S: Final = 15.0  # a comment is sent if nothing happens for so long, so that proxies keep the connection
MAX_FEEDS: Final = 64  # requests that read events without end, at the same time
WAIT_S: Final = 5.0
LOOK_S: Final = 0.5  # between two looks whether the server is stopping
UNBUFFERED: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # also by nginx
CONTENT: Final[dict[str, Any]] = {"schema": {"type": "string"}}
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The events after `after`; as lines or as a stream, also those that follow, without end.",
        "content": {"application/json": {"schema": {"type": "object"}}, LINES: CONTENT, STREAM: CONTENT},
    }
}


@router.get("/events", response_class=JSONResponse, responses=ANSWERS)
async def read_events(
    session_id: str,
    server: ServerDependency,
    after: Annotated[int, Query(ge=0, lt=2**53, description="number of the last event that the client has")] = 0,
    epoch: Annotated[str, Query(max_length=64, description="numbering that this number belongs to")] = "",
    accept: Annotated[str, Header(max_length=400)] = "application/json",
    last_event_id: Annotated[str, Header(max_length=100, description="EPOCH/NUMBER of the last event")] = "",
) -> Response:
    """Return the events after a number: as JSON at once, or as lines or server-sent events as they happen.

    A reset means that the events after this number are not kept any more: read the session, and continue at `last`.
    """
    await run_in_threadpool(server.invoker.info, session_id)
    if last_event_id:
        epoch, after = _place(last_event_id)
    kind = _chosen(accept)
    if kind in (LINES, STREAM):
        if server.open_feeds >= MAX_FEEDS:
            raise too_many(f"{MAX_FEEDS} requests read events already", WAIT_S)
        write = _line if kind == LINES else _message
        beat = "\n" if kind == LINES else ": nothing yet\n\n"
        events = _written(server, session_id, after, epoch, write=write, beat=beat)
        return StreamingResponse(
            events, media_type=kind, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
    found = await server.bus.read_async(session_id, after, epoch)
    if isinstance(found, Reset):
        return JSONResponse({"reset": True, "epoch": found.epoch, "last": found.last, "events": []})
    events_text = ",".join(event.text for event in found.events)
    text = f'{{"epoch":"{found.epoch}","last":{found.last},"events":[{events_text}]}}'
    return Response(text, media_type="application/json")


async def _written(
    server: Server, session_id: str, after: int, epoch: str, *, write: Any, beat: str
) -> AsyncIterator[str]:
    """Yield the events of a session as text until the client leaves or the server stops."""
    async with aclosing(events_after(server.bus, session_id, after, epoch)) as found:
        waiting: asyncio.Future[Found] | None = None
        server.open_feeds += 1
        try:
            silent = 0.0
            while not server.is_stopping:
                waiting = waiting or asyncio.ensure_future(anext(found))
                done, _ = await asyncio.wait([waiting], timeout=LOOK_S)
                silent = 0.0 if done else silent + LOOK_S
                if done:
                    each, waiting = waiting.result(), None
                    if text := write(each):
                        yield text
                elif silent >= BEAT_S:
                    silent = 0.0
                    yield beat
        finally:
            server.open_feeds -= 1
            if waiting is not None:
                waiting.cancel()
                await asyncio.wait([waiting])


def _line(found: Found) -> str:
    if isinstance(found, Reset):
        return f'{{"reset":true,"epoch":"{found.epoch}","last":{found.last}}}\n'
    return "".join(f"{event.text}\n" for event in found.events)


def _message(found: Found) -> str:
    """Return server-sent events; the id of each is `EPOCH/NUMBER`."""
    if isinstance(found, Reset):
        data = f'{{"epoch":"{found.epoch}","last":{found.last}}}'
        return f"id: {found.epoch}/{found.last}\nevent: reset\ndata: {data}\n\n"
    return "".join(f"id: {found.epoch}/{event.number}\ndata: {event.text}\n\n" for event in found.events)


def _place(last_event_id: str) -> tuple[str, int]:
    """Return the epoch and the number in the header Last-Event-ID. Raises: ApiProblem."""
    found = re.fullmatch(r"([0-9a-f]{1,64})/([0-9]{1,15})", last_event_id, re.ASCII)
    if found is None:
        hint = "send the `id` of the last event as it is"
        raise ApiProblem(400, "malformed_request", "the header Last-Event-ID is malformed", hint, field="last-event-id")
    return found[1], int(found[2])


def _chosen(accept: str) -> str:
    """Return the media type that a client asks for. Raises: ApiProblem, if it is none of those that there are."""
    asked = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    for kind in asked:
        if kind in (LINES, STREAM, "application/json"):
            return kind
        if kind in ("*/*", "application/*", ""):
            return "application/json"
    message = f"events are answered as application/json, {LINES} or {STREAM}"
    raise ApiProblem(406, "not_acceptable", message, "change the header Accept")
