"""Unroll the history of one result into a graph without loops: one node for each run that contributed to it.

An item of a loop becomes a `pick` from the list. In this way, one of many results can be used elsewhere by itself, and
its image records how that image alone can be recreated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from invocations.catalog.roles import first_argument, roles_of, with_role
from invocations.events import NodeFinished, NodeSkipped
from invocations.frozen import frozen
from invocations.graph.gather import keeps_holes
from invocations.graph.node import Edge, Node
from invocations.spec import InvocationSpec

from .journal import Extension, JournalEntry, LineEnded, SessionStage
from .session import Key, Session

Catalog = Mapping[str, InvocationSpec]
Part = tuple[list[Node], list[Edge]]


@frozen
class Unrolled:
    """The lines that led to a result, the new id of each run of a node, and the new id of the node with the result."""

    session: Session
    lines: tuple[Extension, ...]
    ids: Mapping[Key, str]
    end: str

    @property
    def stages(self) -> tuple[SessionStage, ...]:
        """The stages of the lines, in order."""
        return tuple(stage for line in self.lines for stage in line.stages)

    @property
    def sources(self) -> dict[str, str]:
        """The id of each node in its original session."""
        return {id_: key[0] for key, id_ in self.ids.items()}

    def entries(self, session_id: str, first_line: int) -> list[JournalEntry]:
        """Return the outcomes of the nodes as entries for another session, where the lines start at `first_line`."""
        outcomes: list[JournalEntry] = []
        types = {node.id: node.type for line in self.lines for node in line.nodes}
        for key, id_ in self.ids.items():
            where = (session_id, id_, types[id_], (), self.session.created)
            if key in self.session.results:
                facts = self.session.facts(key)
                outcomes.append(NodeFinished(*where, self.session.results[key], seconds=0.0, reused=True, facts=facts))
            elif key in self.session.skipped:
                outcomes.append(NodeSkipped(*where, reason=self.session.skipped[key]))
        return [*outcomes, *(LineEnded(first_line + at, 0.0, "done") for at in range(len(self.lines)))]


def unroll(session: Session, end: Key, catalog: Catalog, *, offset: int = 0, line: int = 1) -> Unrolled:
    """Unroll the history of a result; stages are numbered from `offset` + 1, lines from `line`."""
    keys = _ancestors(session, end)
    ids = _ids(keys, offset)
    nodes: dict[int, list[Node]] = {}
    edges: dict[int, list[Edge]] = {}
    for key in ids:
        own = session.line_of(key[0])
        number = own.number if own else 0
        convert = _collect_part if session.graph.node_type(key[0]).many else _node_part
        part = convert(session, key, ids, catalog)
        nodes.setdefault(number, []).extend(part[0])
        edges.setdefault(number, []).extend(part[1])
    lines = [
        Extension(
            tuple(nodes[number]),
            tuple(edges[number]),
            _stages(session, ids, number, offset, line + at, catalog),
            session.lines[number - 1].text if number else "",
            session.lines[number - 1].source if number else "",
        )
        for at, number in enumerate(sorted(nodes))
    ]
    return Unrolled(session, tuple(lines), ids, ids[end])


def _ancestors(session: Session, end: Key) -> list[Key]:
    """Return a result and all results from which it was computed, parents first; items that failed are left out."""
    found = {end: None}
    waiting = [end]
    for key in waiting:
        lacks_items = keeps_holes(session.graph, key[0])
        for source in session.expansion.runs.sources(*key):
            if source not in found and not (lacks_items and source not in session.results):
                found[source] = None
                waiting.append(source)
    return sorted(found, key=lambda key: (session.graph.rank(key[0]), key[1]))


def _ids(keys: list[Key], offset: int) -> dict[Key, str]:
    """Return the new ids: with an offset of 5, `1.denoise` becomes `6.denoise`, and its second run `6.denoise.2`."""
    ids: dict[Key, str] = {}
    taken: set[str] = set()
    for key in keys:
        head, dot, rest = key[0].partition(".")
        name = f"{int(head) + offset}{dot}{rest}" if head.isascii() and head.isdigit() else f"{offset}.{key[0]}"
        new, count = name, 1
        while new in taken:
            count += 1
            new = f"{name}.{count}"
        taken.add(new)
        ids[key] = new
    return ids


def _picks(catalog: Catalog, type_: str) -> InvocationSpec | None:
    """Return the spec of `pick` if nodes of the given type iterate over a list, otherwise None."""
    return with_role(catalog, "picks") if "spreads" in roles_of(catalog, type_) else None


def _item_type(catalog: Catalog, type_: str) -> str:
    spec = _picks(catalog, type_)
    return spec.type if spec else type_


def _node_part(session: Session, key: Key, ids: Mapping[Key, str], catalog: Catalog) -> Part:
    """Return a node and its edges; an `iterate` node becomes a node that picks one item of the list."""
    node = session.graph.nodes[key[0]]
    edges = [Edge(source, output, ids[key], name) for name, source, output in _links(session, key, ids)]
    if spec := _picks(catalog, node.type):
        list_ = {name: value for name, value in node.inputs.items() if spec.input(name) is not None}
        return [Node(ids[key], spec.type, {**list_, first_argument(spec): key[1][-1]})], edges
    return [Node(ids[key], node.type, node.inputs)], edges


def _collect_part(session: Session, key: Key, ids: Mapping[Key, str], catalog: Catalog) -> Part:
    """Return a `collect` node as a chain of `collect` nodes with one item each, as a line would contain them."""
    node, node_type = session.graph.nodes[key[0]], session.graph.node_type(key[0])
    links = _links(session, key, ids)
    items = [(source, output) for name, source, output in links if name == node_type.many]
    before = [Edge(source, output, "", name) for name, source, output in links if name != node_type.many]
    if not items and not before:
        empty = with_role(catalog, "lists")
        assert empty is not None
        return [Node(ids[key], empty.type, {first_argument(empty): []})], []
    (output_name,) = node_type.outputs
    earlier = next(name for name in node_type.inputs if name != node_type.many)
    names = [*(f"{ids[key]}.item.{at + 1}" for at in range(len(items) - 1)), ids[key]]
    edges: list[Edge] = []
    for at, name in enumerate(names):
        lists = before if at == 0 else [Edge(names[at - 1], output_name, "", earlier)]
        edges += [replace(edge, target=name) for edge in lists]
        edges += [Edge(*item, name, node_type.many) for item in items[at : at + 1]]
    return [Node(name, node.type) for name in names], edges


def _links(session: Session, key: Key, ids: Mapping[Key, str]) -> list[tuple[str, str, str]]:
    """Return the links into a run of a node as (input, node id, output); the items of a `collect` node are in order."""
    sources = dict.fromkeys(session.expansion.runs.sources(*key))
    return [
        (edge.input, ids[source], edge.output)
        for edge in session.graph.incoming(key[0])
        for source in sources
        if source[0] == edge.source and source in ids
    ]


def _stages(
    session: Session, ids: Mapping[Key, str], line: int, offset: int, new_line: int, catalog: Catalog
) -> tuple[SessionStage, ...]:
    """Return the stages of a line, leaving out nodes (and their outputs) that ran several times or not at all."""
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
        command = _item_type(catalog, stage.command)
        stages.append(SessionStage(stage.number + offset, command, stage.name, new_line, nodes, outputs, primary))
    return tuple(stages)
