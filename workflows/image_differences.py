"""What differs between the lines that made two images, input by input."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from invocations.frozen import frozen

from .decompile.equivalence import effective_inputs

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.graph.node import Node
    from invocations.sessions.session import Session


@frozen
class InputDifference:
    """An input that has different values, or a node that only one image depends on, in which case `input` is "".

    node: the type of the node. number: which node of this type, from 1, in the order of the graph
    first, second: the values as JSON data; for a node, whether the image depends on it
    """

    node: str
    number: int
    input: str
    first: Any
    second: Any


def differences_of_images(
    first: tuple[Session, str], second: tuple[Session, str], catalog: Registry
) -> tuple[InputDifference, ...]:
    """Return what differs between the nodes that two images depend on; each image is given by its session and node.

    Nodes are compared type by type, in the order of the graph.
    """
    before, after = _by_type(*first, catalog), _by_type(*second, catalog)
    found: list[InputDifference] = []
    for kind in dict.fromkeys([*before, *after]):
        ones, others = before.get(kind, []), after.get(kind, [])
        for number in range(1, max(len(ones), len(others)) + 1):
            one = ones[number - 1] if number <= len(ones) else None
            other = others[number - 1] if number <= len(others) else None
            if one is None or other is None:
                found.append(InputDifference(kind, number, "", one is not None, other is not None))
                continue
            for name in dict.fromkeys([*one, *other]):
                if one.get(name) != other.get(name):
                    found.append(InputDifference(kind, number, name, one.get(name), other.get(name)))
    return tuple(found)


def _by_type(session: Session, node_id: str, catalog: Registry) -> dict[str, list[dict[str, Any]]]:
    """Return the inputs of the nodes that a node depends on, and its own, by type; linked inputs are left out."""
    needed, waiting = {node_id}, [node_id]
    for each in waiting:
        sources = [edge.source for edge in session.graph.incoming(each) if edge.source not in needed]
        needed.update(sources)
        waiting += dict.fromkeys(sources)
    found: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for id_ in session.graph.order():
        if id_ in needed:
            node = session.graph.nodes[id_]
            found[node.type].append(_inputs(session, node, catalog))
    return dict(found)


def _inputs(session: Session, node: Node, catalog: Registry) -> dict[str, Any]:
    linked = {edge.input for edge in session.graph.incoming(node.id)}
    return effective_inputs(node, catalog.get(node.type), linked)
