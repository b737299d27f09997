"""Notes on the parts of another tool's graph that the line leaves out: unsupported nodes and unused inputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import islice

from .foreign_graph import ForeignNode, GraphWalk, NodeLink
from .parameters import short

MAX_NOTES = 20  # how many nodes are reported one by one
MAX_VALUES = 8  # how many values of one node a note lists
EMPTY: tuple[object, ...] = (None, "", False, [], {})


def unused(walk: GraphWalk, end: str, silent: Collection[str], neutral: Mapping[str, Collection[object]]) -> list[str]:
    """Return a note for each node on which `end` depends and which the line leaves out, fully or in part.

    silent: names of inputs that have no effect on the image; neutral: values without effect, by name of the input
    """
    notes: list[str] = []
    for node in _ancestors(walk, end):
        values = list(islice(_left_out(node, walk.used.get(node.id, ()), silent, neutral), MAX_VALUES + 1))
        shown = ", ".join(values[:MAX_VALUES]) + (", ..." if len(values) > MAX_VALUES else "")
        if node.id not in walk.used:
            notes.append(f"{node.shown} is not supported" + (f": {shown}" if shown else ""))
        elif values:
            notes.append(f"{node.shown}: not supported: {shown}")
    more = len(notes) - MAX_NOTES
    return [*notes[:MAX_NOTES], f"{more} more nodes are not supported"] if more > 0 else notes


def _ancestors(walk: GraphWalk, end: str) -> list[ForeignNode]:
    """Return the node `end` and all nodes that it depends on: first those that the walk visited, in that order."""
    ids, level = {end: None}, [end]
    while level:
        links = [link.node for id_ in level for link in walk.nodes[id_].links().values() if link.node in walk.nodes]
        level = list(dict.fromkeys(id_ for id_ in links if id_ not in ids))
        ids |= dict.fromkeys(level)
    return [walk.nodes[id_] for id_ in {**walk.visited, **ids} if id_ in ids]


def _left_out(
    node: ForeignNode, used: Collection[str], silent: Collection[str], neutral: Mapping[str, Collection[object]]
) -> Iterator[str]:
    """Yield the name and value of each input of a node that is neither linked nor used."""
    for name, value in node.inputs.items():
        if isinstance(value, NodeLink) or name in used or name in silent or value in EMPTY:
            continue
        if value not in neutral.get(name, ()):
            yield f"{short(name)} {short(value)}"
