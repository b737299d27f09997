"""Routes that run a session: its next node, all nodes, some nodes, or what has failed."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from invocations.queueing.base import NODES, ItemFilter
from invokeai_web.api_router import BASE, ApiRouter
from invokeai_web.dependencies import ServerDependency
from invokeai_web.queue_answers import CancelledItems, QueueItemAnswer, RunRequest
from invokeai_web.queue_places import with_places

router = ApiRouter("sessions", prefix="/sessions/{session_id}/invocations")


@router.post("", status_code=202)
def run_session(session_id: str, body: RunRequest, server: ServerDependency, response: Response) -> QueueItemAnswer:
    """Add a request to the queue that runs a part of a session."""
    how: dict[str, Any] = {"reuse": body.reuse, "recompute": tuple(body.recompute), "priority": body.priority}
    if isinstance(body.what, str):
        item = server.coordinator.enqueue(session_id, body.what, **how)
    else:
        item = server.coordinator.enqueue(session_id, NODES, nodes=tuple(body.what), **how)
    response.headers["Location"] = f"{BASE}/queue/{item.id}"
    return with_places(server, [item])[0]


@router.delete("", status_code=202)
def cancel_session(session_id: str, server: ServerDependency) -> CancelledItems:
    """Cancel what runs and waits of a session; results that exist are kept."""
    server.invoker.info(session_id)
    cancelled = server.coordinator.cancel_all(ItemFilter(session=session_id))
    return CancelledItems(items=with_places(server, cancelled))
