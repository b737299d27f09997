"""How one result came to be, as a graph without its loops: each node as often as it took part, and what it gave.

An item of a loop becomes what `pick` takes out of the list. So one result of many can go on alone, elsewhere, and its
picture tells how to make it, not how to make them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from invocations.events import NodeFinished, NodeSkipped
from invocations.graph.node import Edge, Node
from invocations.journal import Entry, Extension, LineEnded, Stage
from invocations.session import Key, Session

ITERATE, PICK, PLACE = "iterate", "pick", "index"


@dataclass(frozen=True, slots=True)
class Unrolled:
    """The lines a result came from, what their nodes gave, and which node gives the result now."""

    session: Session
    lines: tuple[Extension, ...]
    ids: Mapping[Key, str]
    end: str

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the lines, in order."""
        return tuple(stage for line in self.lines for stage in line.stages)

    @property
    def sources(self) -> dict[str, str]:
        """Return what each node is called in the session it comes from."""
        return {id_: key[0] for key, id_ in self.ids.items()}

    def entries(self, session_id: str, first_line: int) -> list[Entry]:
        """Return what is known of the nodes, for a session in which their lines are those from `first_line` on."""
        given: list[Entry] = []
        for key, id_ in self.ids.items():
            kind = self.session.graph.nodes[key[0]].type
            where = (session_id, id_, PICK if kind == ITERATE else kind, (), self.session.created)
            if key in self.session.results:
                facts = self.session.facts(key)
                given.append(NodeFinished(*where, self.session.results[key], seconds=0.0, reused=True, facts=facts))
            elif key in self.session.skipped:
                given.append(NodeSkipped(*where, reason=self.session.skipped[key]))
        return [*given, *(LineEnded(first_line + at, 0.0, "done") for at in range(len(self.lines)))]


def unroll(session: Session, end: Key, *, offset: int = 0, line: int = 1) -> Unrolled:
    """Return how a result of a session came to be; stages are numbered from `offset` on, lines from `line` on."""
    keys = _behind(session, end)
    ids = _ids(keys, offset)
    nodes: dict[int, list[Node]] = {}
    edges: dict[int, list[Edge]] = {}
    for key, id_ in ids.items():
        own = session.line_of(key[0])
        number = own.number if own else 0
        nodes.setdefault(number, []).append(_node(session, key, id_))
        edges.setdefault(number, []).extend(_edges(session, key, ids))
    lines = [
        Extension(
            tuple(nodes[number]),
            tuple(edges[number]),
            _stages(session, ids, number, offset, line + at),
            session.lines[number - 1].text if number else "",
            session.lines[number - 1].source if number else "",
        )
        for at, number in enumerate(sorted(nodes))
    ]
    return Unrolled(session, tuple(lines), ids, ids[end])


def _behind(session: Session, end: Key) -> list[Key]:
    """Return all that a result comes from and itself, parents first."""
    found = {end: None}
    waiting = [end]
    for key in waiting:
        for source in session.expansion.sources(*key):
            if source not in found:
                found[source] = None
                waiting.append(source)
    return sorted(found, key=lambda key: (session.graph.rank(key[0]), key[1]))


def _ids(keys: list[Key], offset: int) -> dict[Key, str]:
    """Return what each is called now: `1.denoise` five stages later `6.denoise`, and a second one `6.denoise.2`."""
    ids: dict[Key, str] = {}
    taken: set[str] = set()
    for key in keys:
        head, dot, rest = key[0].partition(".")
        name = f"{int(head) + offset}{dot}{rest}" if head.isascii() and head.isdigit() else f"{offset}.{key[0]}"
        wanted, count = name, 1
        while wanted in taken:
            count += 1
            wanted = f"{name}.{count}"
        taken.add(wanted)
        ids[key] = wanted
    return ids


def _node(session: Session, key: Key, id_: str) -> Node:
    node = session.graph.nodes[key[0]]
    if node.type != ITERATE:
        return Node(id_, node.type, node.inputs)
    return Node(id_, PICK, {**node.inputs, PLACE: key[1][-1]})


def _edges(session: Session, key: Key, ids: Mapping[Key, str]) -> list[Edge]:
    sources = dict.fromkeys(session.expansion.sources(*key))
    return [
        Edge(ids[source], edge.output, ids[key], edge.input)
        for edge in session.graph.incoming(key[0])
        for source in sources
        if source[0] == edge.source
    ]


def _stages(session: Session, ids: Mapping[Key, str], line: int, offset: int, new_line: int) -> tuple[Stage, ...]:
    """Return the stages of a line as far as each of their nodes took part once."""
    names: dict[str, list[str]] = {}
    for (node_id, _), id_ in ids.items():
        names.setdefault(node_id, []).append(id_)
    once = {node_id: found[0] for node_id, found in names.items() if len(found) == 1}
    stages = []
    for stage in session.stages:
        outputs = {name: (once[node], output) for name, (node, output) in stage.outputs.items() if node in once}
        if stage.line != line or not outputs:
            continue
        primary = (once[stage.primary[0]], stage.primary[1]) if stage.primary and stage.primary[0] in once else None
        nodes = tuple(once[node] for node in stage.nodes if node in once)
        command = PICK if stage.command == ITERATE else stage.command
        stages.append(Stage(stage.number + offset, command, stage.name, new_line, nodes, outputs, primary))
    return tuple(stages)
