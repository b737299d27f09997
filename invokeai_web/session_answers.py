"""What the routes about sessions receive and answer; times are in seconds since 1970."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .line_answers import LONGEST_LINE
from .openapi.components import GraphDocument, NodeDocument
from .queue_answers import Priority, QueueItemAnswer

if TYPE_CHECKING:
    from invocations.storing.base import SessionInfo

Title = Annotated[str, Field(max_length=200, description="what the user calls the session")]
LineWords = Annotated[str, Field(max_length=LONGEST_LINE, description="a line, as it is typed in the terminal")]
Data = dict[str, Any]


class NewSession(BaseModel):
    """A session to create: empty, with a graph, or with a line."""

    model_config = ConfigDict(extra="forbid")

    graph: GraphDocument | None = Field(default=None, description="nodes by id, and edges")
    line: LineWords | None = None
    run: bool = Field(default=False, description="whether to run the line or the graph")
    title: Title = ""
    priority: Priority = 0


class SessionChange(BaseModel):
    """A change of a session."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    pinned: bool | None = Field(default=None, description="whether the session is pinned")


class SessionAnswer(BaseModel):
    """A session in short."""

    model_config = ConfigDict(title="SessionInfo")

    id: str
    title: str
    pinned: bool
    created: float
    changed: float
    lines: int = Field(description="number of lines")
    nodes: int = Field(description="number of nodes")
    failed: int = Field(description="number of lines that failed or were cancelled")
    unfinished: int = Field(description="number of lines that have not ended")
    imported: bool = Field(description="whether it was imported, so that it may come from anyone")
    first_line: str


class SessionPage(BaseModel):
    """A page of sessions, the one that was changed last first."""

    items: list[SessionAnswer]
    next: str = Field(description="`cursor` of the next page; empty on the last page")


class LineAnswer(BaseModel):
    """A line of a session."""

    model_config = ConfigDict(title="SessionLine")

    number: int = Field(description="from 1")
    line: str = Field(description="the line as it was typed; empty for a graph")
    started: float
    seconds: float
    outcome: str = Field(description="done, failed, cancelled or skipped; empty until it ends")
    nodes: list[str]


class LinePage(BaseModel):
    """A page of lines, the first one first."""

    items: list[LineAnswer]
    next: str = Field(description="`cursor` of the next page; empty on the last page")


class NewLine(BaseModel):
    """A line to add to a session."""

    model_config = ConfigDict(extra="forbid")

    line: LineWords
    run: bool = Field(default=True, description="whether to run it")
    priority: Priority = 0


class AddedLine(BaseModel):
    """A line that was added, and the item of the queue that runs it."""

    line: LineAnswer
    item: QueueItemAnswer | None
    warnings: list[str]


class CreatedSession(SessionAnswer):
    """A session that was created."""

    model_config = ConfigDict(title="CreatedSession")

    line: LineAnswer | None = None
    item: QueueItemAnswer | None = None
    warnings: list[str] = []


class LinkEnd(BaseModel):
    """A link from an output to an input of the new node."""

    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=200, description="id of a node of the session")
    output: str = Field(max_length=200)
    input: str = Field(max_length=200)


class LinkedNode(BaseModel):
    """A node to add to a session, with its links, because nodes that are there cannot be changed."""

    model_config = ConfigDict(extra="forbid")

    node: NodeDocument = Field(description="id, type and inputs")
    links: list[LinkEnd] | Literal["auto"] = Field(default=[], description="auto: as in a line, from earlier nodes")


class EdgeAnswer(BaseModel):
    """A link between two nodes."""

    source: str
    output: str
    target: str
    input: str


class AddedNodes(BaseModel):
    """Nodes that were added, as they are stored, and their links."""

    nodes: list[Data]
    edges: list[EdgeAnswer]


class NodeAtWork(BaseModel):
    """A node that is running, and how far it is."""

    node: str
    path: list[int]
    step: int | None = None
    of: int | None = None


class SessionState(BaseModel):
    """What a session is doing."""

    running: bool
    at_work: list[NodeAtWork]


class SessionSnapshot(BaseModel):
    """A session with everything in it, and the place in its events after which it is current."""

    model_config = ConfigDict(title="Session")

    format: str = Field(alias="schema", description="session-export/1")
    id: str
    title: str
    pinned: bool
    imported: bool
    created: float
    lines: list[Data]
    stages: list[Data]
    graph: Data
    results: list[Data]
    errors: list[Data]
    skipped: list[Data]
    messages: list[Data]
    state: SessionState
    epoch: str = Field(description="id of the numbering of events")
    last: int = Field(description="number of the last event")
    queue: list[QueueItemAnswer] = Field(description="items of this session that wait or run")


class ResultAnswer(BaseModel):
    """A result: the value of an output, which may contain references to images."""

    node: str
    type: str = Field(description="command of the node")
    output: str
    value: Any
    images: list[str] = Field(description="addresses of the images in the value")


class ResultList(BaseModel):
    """The results of a session."""

    format: str = Field(description="results/1")
    results: list[ResultAnswer]


def session_answer(info: SessionInfo) -> Data:
    """Return the fields of `SessionAnswer`."""
    names = ("id", "title", "pinned", "created", "changed", "lines", "nodes", "failed", "imported", "first_line")
    return {**{name: getattr(info, name) for name in names}, "unfinished": info.open}
