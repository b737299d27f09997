"""Turn sessions and plans into charts: a box for each stage, or for each node of a recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from invocations.graph.axes import BY, Axes, closed, left, name_of
from invocations.graph.order import topological

from .chart import DONE, FAILED, NOT_RUN, REUSED, RUNNING, SKIPPED, STATES, Box, Chart, Link

if TYPE_CHECKING:
    from invocations.graph.node import Edge, Node
    from invocations.sessions.session import Session
    from workflows.planning.plan_line import Plan

NEVER: Mapping[str, int] = {NOT_RUN: 1}


class ChartStage(Protocol):
    """What a chart needs to know about a stage, which may be planned or part of a session."""

    @property
    def number(self) -> int: ...
    @property
    def command(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def nodes(self) -> tuple[str, ...]: ...
    @property
    def outputs(self) -> Mapping[str, tuple[str, str]]: ...
    @property
    def primary(self) -> tuple[str, str] | None: ...


@dataclass(slots=True)
class Material:
    """Collects the stages, nodes and edges of a chart.

    role: returns the role of a node type, such as "iterate" or "collect"
    counts: how often each node reached each state
    seconds: how long each node ran, in total
    missing: how many items are missing in the lists of each `collect` node
    """

    role: Callable[[str], str]
    stages: list[ChartStage] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)

    def add_session(self, session: Session, *, running: bool = False) -> None:
        """Add a session; with `running`, nodes that have started but not finished are shown as running."""
        from invocations.graph.holes import missing  # not needed to draw a plan

        self.stages += session.stages
        self.nodes += [session.graph.nodes[id_] for id_ in session.graph.order()]
        self.edges += session.graph.edges
        reused: set[tuple[str, tuple[int, ...]]] = set()
        for event in session.history:
            if hasattr(event, "reused"):
                (reused.add if event.reused else reused.discard)((event.node_id, event.path))
            if hasattr(event, "seconds"):
                self.seconds[event.node_id] = self.seconds.get(event.node_id, 0.0) + event.seconds
        for node in self.nodes:
            counts = self.counts[node.id] = {}
            for path in session.paths(node.id):
                key = (node.id, path)
                state = REUSED if key in reused else DONE
                if key not in session.results:
                    state = FAILED if key in session.errors else SKIPPED if key in session.skipped else NOT_RUN
                    state = RUNNING if running and state == NOT_RUN and key in session.begun else state
                counts[state] = counts.get(state, 0) + 1
                if lacking := missing(session.graph, session.expansion, key):
                    self.missing[node.id] = self.missing.get(node.id, 0) + lacking

    def add_plan(self, plan: Plan, nodes: Iterable[Node], edges: Iterable[Edge]) -> None:
        """Add a line that has not run, including the nodes and edges that were appended to save its images."""
        self.stages += plan.stages
        self.nodes += [*plan.nodes, *nodes]
        self.edges += [*plan.edges, *edges]

    def chart(self, *, expand: bool = False) -> Chart:
        """Return the chart; `expand` draws a box for each node of a recipe."""
        owners: dict[str, str] = {}
        boxes: dict[str, list[str]] = {}
        stages: dict[str, ChartStage] = {}
        for stage in self.stages:
            for node in stage.nodes:
                key = node if expand and len(stage.nodes) > 1 else str(stage.number)
                owners[node] = key
                boxes.setdefault(key, []).append(node)
                stages[key] = stage
        for each in self.nodes:
            if each.id not in owners:
                owners[each.id] = each.id
                boxes[each.id] = [each.id]
        types = {node.id: node.type for node in self.nodes}
        around = self._around(types)
        drawn = [self._box(key, nodes, stages.get(key), types, owners, around) for key, nodes in boxes.items()]
        return Chart(tuple(drawn), tuple(dict.fromkeys(self._links(owners, stages))))

    def _box(
        self,
        key: str,
        nodes: Sequence[str],
        stage: ChartStage | None,
        types: Mapping[str, str],
        owners: Mapping[str, str],
        around: Mapping[str, tuple[str, ...]],
    ) -> Box:
        found = [self.counts.get(node) or NEVER for node in nodes]
        states = {state for counts in found for state in counts}
        if SKIPPED in states and states & {DONE, REUSED}:
            states.discard(SKIPPED)
        names_last = stage is not None and stage.primary is not None and stage.primary[0] in nodes
        each = tuple(dict.fromkeys(owners[loop] for node in nodes for loop in around[node] if owners[loop] != key))
        ran = [self.seconds[node] for node in nodes if node in self.seconds]
        return Box(
            key,
            stage.command if stage is not None and key == str(stage.number) else types[nodes[0]],
            (stage.name or "") if stage is not None and names_last else "",
            next(state for state in STATES if state in states),
            _counts(found),
            sum(ran) if ran else None,
            each,
            tuple(nodes),
            sum(1 for counts in found if NOT_RUN not in counts and FAILED not in counts),
            sum(self.missing.get(node, 0) for node in nodes),
        )

    def _links(self, owners: Mapping[str, str], stages: Mapping[str, ChartStage]) -> Iterable[Link]:
        names = {end: name for stage in self.stages for name, end in stage.outputs.items()}
        for edge in self.edges:
            source, target = owners[edge.source], owners[edge.target]
            if source != target:
                closed = source in stages and source == str(stages[source].number)
                output = names.get((edge.source, edge.output), edge.output) if closed else edge.output
                yield Link(source, output, target, edge.input)

    def _around(self, types: Mapping[str, str]) -> dict[str, Axes]:
        """Return, for each node, the `iterate` nodes that repeat it, outermost first."""
        nodes = {node.id: node for node in self.nodes}
        incoming: dict[str, list[Edge]] = {}
        for edge in self.edges:
            incoming.setdefault(edge.target, []).append(edge)
        sources = {id_: [edge.source for edge in edges] for id_, edges in incoming.items()}
        order = topological(list(types), sources)
        rank = {id_: place for place, id_ in enumerate(order)}
        inside: dict[str, Axes] = {}
        around: dict[str, Axes] = {}

        def merged(edges: Iterable[Edge]) -> Axes:
            return tuple(sorted({axis for edge in edges for axis in inside[edge.source]}, key=rank.__getitem__))

        for id_ in order:
            role, edges = self.role(types[id_]), incoming.get(id_, ())
            loops = merged(edges)
            if role == "collect":
                items = merged(edge for edge in edges if edge.input == "item")
                closing = closed(items, nodes[id_].inputs.get(BY, ()), lambda axis: name_of(nodes[axis]))
                loops = tuple(sorted(left(items, loops, closing, inside.__getitem__), key=rank.__getitem__))
            around[id_] = loops
            inside[id_] = (*loops, id_) if role == "iterate" else loops
        return around


def _counts(found: Sequence[Mapping[str, int]]) -> Mapping[str, int]:
    """Return how often a box reached each state, taken from its node with the most runs, then the most failures."""
    return max(found, key=lambda counts: (sum(counts.values()), counts.get(FAILED, 0)))
