"""A node in a request, and its links to the nodes of a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from invocations.graph.document import read_nodes
from invocations.graph.exact_integers import read_document
from invocations.graph.linking import Offer, accepts, enters_pipe, named, typed
from invocations.graph.node import Edge, Node
from invocations.public_json import public_json
from workflows.values.check_values import check_values

from .session_answers import LinkEnd

if TYPE_CHECKING:
    from invocations.sessions.session import Session

    from .server import Server


def node_of(body: Mapping[str, Any], server: Server, session: Session) -> Node:
    """Return the node in a request; without an id, it is named after its type.

    Raises: GraphError; DataRefused, if a value does not suit its input.
    """
    data = {"id": _free(str(body.get("type", "node")), session), **body}
    document = public_json(read_document({"nodes": {"node": data}}, server.catalog))
    [(_, node)] = read_nodes(document)
    check_values([node], server.catalog)
    return node


def edges_to(node: Node, links: Sequence[LinkEnd] | Literal["auto"], session: Session, server: Server) -> list[Edge]:
    """Return the edges that lead to a new node: those in the request, or those that a line would have."""
    if links != "auto":
        return [Edge(link.source, link.output, node.id, link.input) for link in links]
    spec = server.catalog.spec(node.type)
    return [] if spec is None else [*_linked(node, spec, [*_offers(session)])]


def _linked(node: Node, spec: Any, stages: Sequence[Sequence[Offer]]) -> Iterator[Edge]:
    """Yield links by the rules of lines: by pipe, then by name, then by type; `stages` are sorted nearest first."""
    offers = [offer for stage in stages for offer in stage]
    piped = stages[0][0] if stages and stages[0] else None
    taken: list[Offer] = []
    for field in spec.inputs:
        if field.name in node.inputs or field.given == "written":
            continue
        found: Offer | None = None
        if field.primary and piped is not None and enters_pipe(field, piped) and accepts(field, piped):
            found = piped
        elif field.type.is_reference:
            found = named(field, offers)
        if found is None and field.required:
            several = typed(field, stages, taken)
            found = several[0] if len(several) == 1 else None
        if found is not None:
            taken.append(found)
            yield Edge(found.node, found.output, node.id, field.name)


def _offers(session: Session) -> Iterator[list[Offer]]:
    """Yield the outputs of each node of a session, the latest node and its primary output first."""
    graph = session.graph
    for number, id_ in reversed([*enumerate(graph.nodes)]):
        outputs = sorted(graph.node_type(id_).spec.outputs, key=lambda output: not output.primary)
        yield [Offer(number, output.name, output.type, id_, output.name) for output in outputs]


def _free(type_: str, session: Session) -> str:
    number = 1
    while f"{type_}_{number}" in session.graph:
        number += 1
    return f"{type_}_{number}"
