"""Check additions to a graph: ids, edges, fields and required inputs. Each check raises a specific error."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence

from invocations import errors

from .node import Edge, Node
from .node_type import NodeType, NodeTypes

Incoming = Mapping[str, Sequence[Edge]]


def check_nodes(nodes: Iterable[Node], known: Collection[str], node_types: NodeTypes) -> dict[str, Node]:
    """Return the new nodes by id. Raises: DuplicateNode, UnknownType."""
    fresh: dict[str, Node] = {}
    for node in nodes:
        if node.id in known or node.id in fresh:
            raise errors.DuplicateNode(f"node `{node.id}` already exists", node=node.id)
        fresh[node.id] = node
    for node in fresh.values():
        try:
            node_types[node.type]
        except KeyError:
            raise errors.UnknownType(f"there is no invocation `{node.type}`", node=node.id, field="type") from None
    return fresh


def check_ends(edges: Iterable[Edge], fresh: Container[str], known: Container[str]) -> None:
    """Refuse edges whose source or target is neither a new nor an older node. Raises: MissingNode."""
    for edge in edges:
        for id_, name in ((edge.source, edge.output), (edge.target, edge.input)):
            if id_ not in fresh and id_ not in known:
                raise errors.MissingNode(f"there is no node `{id_}`", node=id_, field=name)


def check_written(nodes: Iterable[Node], node_types: NodeTypes) -> None:
    """Refuse values for inputs that do not exist or can only be linked. Raises: UnknownField, NotLinkable."""
    for node in nodes:
        known = node_types[node.type].inputs
        for name in node.inputs:
            if name not in known:
                raise _unknown_field(node, "input", name, known)
            if known[name].given == "linked":
                raise errors.NotLinkable(
                    f"`{name}` of `{node.type}` must be linked and takes no written value", node=node.id, field=name
                )


def check_linked(edges: Iterable[Edge], nodes: Mapping[str, Node], node_types: NodeTypes, incoming: Incoming) -> None:
    """Refuse edges whose fields do not exist or are already linked. Raises: UnknownField, NotLinkable, InputTaken."""
    taken: set[tuple[str, str]] = set()
    for edge in edges:
        source, target = nodes[edge.source], nodes[edge.target]
        outputs, node_type = node_types[source.type].outputs, node_types[target.type]
        if edge.output not in outputs:
            raise _unknown_field(source, "output", edge.output, outputs)
        if edge.input not in node_type.inputs:
            raise _unknown_field(target, "input", edge.input, node_type.inputs)
        if node_type.inputs[edge.input].given == "written":
            raise errors.NotLinkable(
                f"`{edge.input}` of `{target.type}` takes a written value and cannot be linked",
                node=target.id,
                field=edge.input,
            )
        _check_free(edge, target, node_type, taken, incoming.get(edge.target, ()))


def check_required(node: Node, node_type: NodeType, incoming: Sequence[Edge]) -> None:
    """Refuse a node with a required input that has neither a value nor a link. Raises: MissingInput."""
    if node_type.spec.role in ("iterate", "collect"):
        check_fed(node, node_type, incoming)
        return
    linked = {edge.input for edge in incoming}
    for name in node_type.required:
        if name not in node.inputs and name not in linked:
            raise errors.MissingInput(
                f"`{node.type}` needs a value for `{name}`",
                node=node.id,
                field=name,
                hint="write a value or link an output",
            )


def check_fed(node: Node, node_type: NodeType, incoming: Sequence[Edge]) -> None:
    """Refuse an `iterate` node without a list and a `collect` node without items. Raises: MissingInput."""
    if incoming:
        return
    if node_type.spec.role == "iterate":
        field = next(iter(node_type.inputs), "")
        if field in node.inputs:
            return
        raise errors.IterateWithoutInput(f"`{node.id}` (iterate) has no list", node=node.id, field=field)
    raise errors.CollectWithoutInput(f"`{node.id}` (collect) has no items", node=node.id, field=node_type.many)


def cycle(path: Sequence[str]) -> errors.Cycle:
    """Return the error for a cycle; the message lists the nodes of the cycle, starting with the smallest id."""
    start = path.index(min(path))
    around = (*path[start:], *path[:start], path[start])
    return errors.Cycle("the edges form a cycle: " + " -> ".join(around), node=around[0])


def _check_free(
    edge: Edge, target: Node, node_type: NodeType, taken: set[tuple[str, str]], incoming: Sequence[Edge]
) -> None:
    """Refuse a second value for an input, except for the items of a `collect` node."""
    here = (edge.target, edge.input)
    linked = edge.input != node_type.many and (here in taken or any(other.input == edge.input for other in incoming))
    if linked or edge.input in target.inputs:
        how = "linked" if linked else "written"
        raise errors.InputTaken(f"`{edge.input}` of `{edge.target}` is already {how}", node=here[0], field=here[1])
    taken.add(here)


def _unknown_field(node: Node, side: str, name: str, known: Iterable[str]) -> errors.UnknownField:
    from difflib import get_close_matches

    names = tuple(known)
    near = get_close_matches(name, names, 1)
    hint = (
        f"did you mean `{near[0]}`?"
        if near
        else f"its {side}s are {', '.join(f'`{each}`' for each in names)}"
        if names
        else f"it has no {side}s"
    )
    return errors.UnknownField(f"`{node.type}` has no {side} `{name}`", node=node.id, field=name, hint=hint)
