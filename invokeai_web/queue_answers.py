"""What the routes about the queue receive and answer; times are in seconds since 1970."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from invocations.queueing.base import QueueItem
from invocations.queueing.eta import QueueStanding
from invocations.queueing.slot import SlotInfo

Priority = Annotated[int, Field(ge=-100, le=100, description="items with a higher priority run first")]
State = Literal["waiting", "running", "done", "failed", "cancelled", "set_aside"]


class ItemError(BaseModel):
    """Why an item failed."""

    code: str
    message: str
    hint: str = ""


class QueueItemAnswer(BaseModel):
    """An item of the queue: a request to run a part of a session."""

    model_config = ConfigDict(title="QueueItem")

    id: str
    session: str = Field(description="id of the session")
    what: str = Field(description="what runs: next, all, line, nodes or failed")
    lines: list[int] = Field(description="numbers of the lines that run, if `what` is line")
    nodes: list[str] = Field(description="nodes that run, if `what` is nodes or failed")
    state: State = Field(description="set_aside: it crashed the program too often")
    priority: int
    position: int | None = Field(description="0 while it runs; 1 for the item that runs next; null if it has ended")
    eta: float | None = Field(description="in how many seconds it will probably have ended; null if it is not known")
    worker: str = Field(description="worker that runs it or ran it")
    owner: str
    created: float
    started: float | None
    ended: float | None
    size: int = Field(description="number of nodes that had to run when it was added")
    model: str = Field(description="model that it uses first")
    cancelling: bool = Field(description="whether it was cancelled and has not stopped yet")
    error: ItemError | None


class QueueItemPage(BaseModel):
    """A page of items, the latest first."""

    items: list[QueueItemAnswer]
    next: str = Field(description="`cursor` of the next page; empty on the last page")


class ItemChange(BaseModel):
    """A change of the place of an item."""

    model_config = ConfigDict(extra="forbid")

    priority: Priority | None = None
    before: str | None = Field(default=None, max_length=64, description="item before which it is to run")


class RunRequest(BaseModel):
    """A request to run a part of a session."""

    model_config = ConfigDict(extra="forbid")

    what: Literal["next", "all", "failed"] | list[Annotated[str, Field(max_length=200)]] = Field(
        default="all", description="next: the next node; all: every node; failed: what has failed; or ids of nodes"
    )
    reuse: bool = Field(default=True, description="whether to use cached results")
    recompute: list[Annotated[str, Field(max_length=200)]] = Field(
        default=[], max_length=2_000, description="nodes that run even if their result is cached"
    )
    priority: Priority = 0


class QueueState(BaseModel):
    """Whether items of the queue are run."""

    model_config = ConfigDict(extra="forbid")

    paused: bool = Field(description="whether no waiting item begins to run")


class CancelledItems(BaseModel):
    """What was cancelled."""

    items: list[QueueItemAnswer]


class WorkerAnswer(BaseModel):
    """A place where items run, one at a time."""

    model_config = ConfigDict(title="Worker")

    name: str
    device: str = Field(description="such as cpu or cuda:0; empty if it is not known")
    state: str = Field(description="idle, running or stopped")
    item: str | None = Field(description="item that it runs")
    session: str | None = Field(description="session of that item")
    model: str | None = Field(description="model that it used last")
    bytes: int | None = Field(description="memory of the loaded models; null if it is not known")


class WorkerList(BaseModel):
    """All workers of this server."""

    items: list[WorkerAnswer]


def item_answer(
    item: QueueItem, without_paths: Callable[[str], str], standing: QueueStanding | None = None
) -> QueueItemAnswer:
    """Return an item as clients receive it."""
    data: dict[str, Any] = item.to_json()
    error: Mapping[str, str] | None = data["error"]
    if error is not None:
        data["error"] = {name: without_paths(text) for name, text in error.items()}
    position, eta = (None, None) if standing is None else (standing.position, standing.ends_in)
    cancelling = item.claim.cancelled and not item.is_ended
    return QueueItemAnswer(**{**data, "position": position, "eta": eta, "cancelling": cancelling})


def worker_answer(slot: SlotInfo, default_device: str) -> WorkerAnswer:
    """Return a slot of the coordinator as clients receive it."""
    return WorkerAnswer(
        name=slot.name,
        device=slot.device or default_device,
        state=slot.state,
        item=slot.item or None,
        session=slot.session or None,
        model=slot.model or None,
        bytes=None,
    )
