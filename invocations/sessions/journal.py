"""What a session's log is made of: lines that came and ended, nodes that began and ended, what was taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from invocations.events import LogMessage, NodeFailed, NodeFinished, NodeSkipped, NodeStarted, Path
from invocations.graph.node import Edge, Node

QUARANTINED = "set_aside"  # the code of the error of a node that has ended the process too often
FAILED, CANCELLED = "failed", "cancelled"  # how a line may end besides done


@dataclass(frozen=True, slots=True)
class SessionStage:
    """One stage of a typed line: the nodes it became, what its outputs are called and where they come from."""

    number: int
    command: str
    name: str | None
    line: int
    nodes: tuple[str, ...]
    outputs: Mapping[str, tuple[str, str]]
    primary: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One typed line: where it came from, when it was taken in, how long it ran, and how it ended ("" = not yet)."""

    number: int
    text: str
    source: str = ""  # file:line, "" for the prompt
    started: float = 0.0
    seconds: float = 0.0
    outcome: str = ""  # done, failed, cancelled


@dataclass(frozen=True, slots=True)
class Extension:
    """What one line adds to a session."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    stages: tuple[SessionStage, ...] = ()
    line: str = ""
    source: str = ""
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class LineEnded:
    """How a line ended."""

    number: int
    seconds: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Retried:
    """The errors so far are taken back: what failed will run again; `retry_quarantined`: also what was set aside."""

    time: float
    retry_quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Results whose content is gone are taken back: their nodes run again."""

    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A node is about to write a file of this name: if it gets no further, the file is still its own."""

    node_id: str
    path: Path
    target: str


Begun = NodeStarted | Claimed
Ended = NodeFinished | NodeFailed | NodeSkipped
JournalEntry = Extension | LineEnded | Retried | Forgotten | Begun | Ended | LogMessage
