"""Lines ahead: while the nodes of a line run, workers that it does not need begin with the lines after it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import field
from typing import Any, Final

from invocations.events import Event, LogMessage, NodeFailed, NodeFinished, NodeRetried, NodeSkipped
from invocations.frozen import mutable
from invocations.graph.expand import NodeStep
from invocations.sessions.session import Key, LineEnded, Session
from invocations.spec import InvocationSpec

HELD: Final = (NodeFinished, NodeFailed, NodeSkipped, NodeRetried, LogMessage)  # events that wait for the line's turn
WAITING: Final = frozenset({"saves", "shows"})  # roles of nodes whose order users see
PURE: Final = frozenset({"loads", "expands"})  # roles of nodes that may run early although they read files


@mutable
class Ahead:
    """What the runs of successive lines of a session share: the workers, and what later lines have done so far.

    Each line still has a run of its own, its turn. Results of later lines are recorded at once, so that no work is
    lost. When it is their turn, their failures are recorded, and everything is reported.

    nodes: the nodes of later lines that may run early; those that save or show images wait for their turn anyway
    recompute: those of them that run even if their result is cached
    pool: the workers (a `Pool`) with their steps, between two runs
    events: what later lines have to report
    steps: nodes of later lines that cannot run, because an earlier node failed or its result is of the wrong type
    """

    nodes: Collection[str] = ()
    recompute: Collection[str] = ()
    pool: Any = None
    events: list[Event] = field(default_factory=list)
    steps: dict[Key, NodeStep] = field(default_factory=dict)

    def allowed(self, session: Session) -> set[str]:
        """Return the nodes of later lines that may run now."""
        return {id_ for id_ in self.nodes if may_run_early(session.graph.node_type(id_).spec)}

    @property
    def failed(self) -> set[Key]:
        """The nodes of later lines that have failed, by node and iteration; they do not run again before their turn."""
        return {(event.node_id, event.path) for event in self.events if isinstance(event, NodeFailed)}

    def stopped(self, session: Session, own: Collection[str]) -> list[LineEnded]:
        """Return what to record for later lines if their running nodes are stopped: the lines stay as they were.

        own: the nodes whose turn it is
        """
        nodes = {id_ for id_, _ in [*session.begun] if id_ in self.nodes and id_ not in own}
        return [LineEnded(number, 0.0, session.lines[number - 1].outcome) for number in sorted(session.lines_of(nodes))]

    def take_events(self, nodes: Collection[str]) -> Iterator[Event]:
        """Remove and return what these nodes have to report."""
        found = [event for event in self.events if event.node_id in nodes]
        self.events = [event for event in self.events if event.node_id not in nodes]
        return iter(found)

    def take_steps(self, nodes: Collection[str], session: Session) -> list[NodeStep]:
        """Remove and return those of these nodes that still cannot run."""
        found = [self.steps.pop(key) for key in [*self.steps] if key[0] in nodes]
        return [step for step in found if session.expansion.is_stuck(step[1:3])]


def may_run_early(spec: InvocationSpec) -> bool:
    """Return True if a node may run before the turn of its line: it has no effects, and its result is the same."""
    return WAITING.isdisjoint(spec.roles) and (spec.reusable or spec.role != "node" or not PURE.isdisjoint(spec.roles))
