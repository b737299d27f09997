"""Routes for the queue, and for the workers that run its items."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query, Request, Response

from invocations.queueing.base import WAITING, ItemFilter
from invokeai_web.api_router import ApiRouter
from invokeai_web.dependencies import PAGE, Cursor, Limit, ServerDependency
from invokeai_web.paging import page_of, read_cursor
from invokeai_web.problem_details import ApiProblem
from invokeai_web.queue_answers import (
    CancelledItems,
    ItemChange,
    QueueItemAnswer,
    QueueItemPage,
    QueueState,
    State,
    WorkerList,
    worker_answer,
)
from invokeai_web.queue_places import with_places

router = ApiRouter("queue")


@router.get("/queue")
def list_items(
    server: ServerDependency,
    request: Request,
    response: Response,
    limit: Limit = PAGE,
    cursor: Cursor = "",
    state: Annotated[list[State] | None, Query(description="only items in one of these states")] = None,
    session: Annotated[str, Query(max_length=64, description="only items of this session")] = "",
) -> QueueItemPage:
    """List the items of the queue, the latest first."""
    before = read_cursor(cursor, ((int, float), str))
    place = None if before is None else (before[0], before[1])
    wanted = ItemFilter(tuple(state or ()), session, before=place, limit=limit + 1)
    items = server.coordinator.items(wanted)
    found, following = page_of(request, response, items, limit, lambda item: (item.created, item.id))
    return QueueItemPage(items=with_places(server, found), next=following)


@router.get("/queue/state")
def get_queue_state(server: ServerDependency) -> QueueState:
    """Return whether items of the queue are run."""
    return QueueState(paused=server.coordinator.is_paused)


@router.put("/queue/state")
def set_queue_state(body: QueueState, server: ServerDependency) -> QueueState:
    """Pause the queue, or let it go on; items that are running go on."""
    server.coordinator.pause(paused=body.paused)
    server.publisher.change("queue", {"state": {"paused": body.paused}})
    return body


@router.get("/queue/{item_id}")
def get_item(item_id: str, server: ServerDependency) -> QueueItemAnswer:
    """Return an item of the queue."""
    return with_places(server, [server.coordinator.item(item_id)])[0]


@router.patch("/queue/{item_id}")
def change_item(item_id: str, body: ItemChange, server: ServerDependency) -> QueueItemAnswer:
    """Change the priority of a waiting item, or move it before another one."""
    if (body.priority is None) == (body.before is None):
        raise ApiProblem(422, "invalid_request", "either `priority` or `before` is needed")
    item = server.coordinator.change(item_id, priority=body.priority, before=body.before)
    return with_places(server, [item])[0]


@router.delete("/queue/{item_id}", status_code=202)
def cancel_item(item_id: str, server: ServerDependency) -> QueueItemAnswer:
    """Cancel an item; a running one stops at its next step. One that has ended stays as it is."""
    return with_places(server, [server.coordinator.cancel(item_id)])[0]


@router.delete("/queue", status_code=202)
def clear_queue(
    server: ServerDependency,
    state: Annotated[Literal["waiting"], Query(description="only items that wait can be cleared")] = "waiting",
) -> CancelledItems:
    """Cancel all items that wait."""
    return CancelledItems(items=with_places(server, server.coordinator.cancel_all(ItemFilter((WAITING,)))))


@router.get("/workers")
def list_workers(server: ServerDependency) -> WorkerList:
    """List the workers and what each is doing."""
    device = server.workspace.settings.device
    return WorkerList(items=[worker_answer(slot, device) for slot in server.coordinator.slots()])
