"""The entries of a session's log: lines added and ended, nodes started and ended, results dropped."""

from __future__ import annotations

from collections.abc import Mapping

from invocations.events import LogMessage, NodeFailed, NodeFinished, NodeSkipped, Path
from invocations.frozen import frozen
from invocations.graph.node import Edge, Node

QUARANTINED = "set_aside"  # error code of a node that crashed the process too often
FAILED, CANCELLED, SKIPPED = "failed", "cancelled", "skipped"  # outcomes of a line besides "done"
OPEN = ""  # what a line has instead of an outcome until it ends


@frozen
class SessionStage:
    """One stage of a typed line: its nodes, and its outputs by name as (node, output)."""

    number: int
    command: str
    name: str | None
    line: int
    nodes: tuple[str, ...]
    outputs: Mapping[str, tuple[str, str]]
    primary: tuple[str, str] | None


@frozen
class SessionLine:
    """One typed line: its source, when it started, how long it ran, and its outcome ("" until it ends)."""

    number: int
    text: str
    source: str = ""  # FILE:LINE, or "" if typed at the interactive prompt
    started: float = 0.0
    seconds: float = 0.0
    outcome: str = ""  # done, failed, cancelled, or skipped (the line did not run because its files existed)


@frozen
class Extension:
    """What one line adds to a session."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...] = ()
    stages: tuple[SessionStage, ...] = ()
    line: str = ""
    source: str = ""
    time: float = 0.0


@frozen
class LineEnded:
    """How a line ended; with the outcome OPEN, it has not ended, although nodes that were running have been stopped."""

    number: int
    seconds: float
    outcome: str


@frozen
class Retried:
    """Errors were cleared, so that failed nodes can run again; with `retry_quarantined`, quarantined nodes as well."""

    time: float
    retry_quarantined: bool = False


@frozen
class Forgotten:
    """Results that are incomplete or whose content is lost are dropped and recomputed.

    nodes: nodes whose unfinished runs are prepared again. results: the dropped results by node and iteration; None
    drops all results of `nodes`.
    """

    nodes: tuple[str, ...]
    results: tuple[tuple[str, Path], ...] | None = None


@frozen
class Claimed:
    """A node is about to write this file; if it is interrupted, it can recognize the file when it runs again."""

    node_id: str
    path: Path
    target: str


@frozen
class Began:
    """A node began to run; if the program dies, this entry identifies the node.

    boot: the id of the machine's current boot, or "" if unknown.
    """

    node_id: str
    node_type: str
    path: Path
    time: float
    boot: str = ""


Started = Began | Claimed
Ended = NodeFinished | NodeFailed | NodeSkipped
JournalEntry = Extension | LineEnded | Retried | Forgotten | Started | Ended | LogMessage
