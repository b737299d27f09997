"""Holes: the places in the list of a `collect` node whose items failed, and the runs that use such lists."""

from __future__ import annotations

from collections.abc import Iterator

from .expand import Expansion
from .gather import group_of, keeps_holes
from .graph import Graph
from .loops import Key, Path


def missing(graph: Graph, expansion: Expansion, key: Key) -> int:
    """Return how many items are missing in the list of a `collect` node, apart from skipped ones."""
    outputs = expansion.results.get(key)
    if not keeps_holes(graph, key[0]) or outputs is None or None not in next(iter(outputs.values())):
        return 0
    group = group_of(graph, expansion.loops, *key)
    return sum(each not in expansion.skipped for each in group.missing(expansion.results)) if group is not None else 0


def affected(graph: Graph, expansion: Expansion) -> list[Key]:
    """Return the lists that lack items because a node failed, and all runs that depend on these lists."""
    collectors = [id_ for id_ in graph.nodes if keeps_holes(graph, id_)]
    keys = [(id_, path) for id_ in collectors for path in expansion.runs.paths(id_)]
    found = {key: None for key in keys if missing(graph, expansion, key)}
    waiting = list(found)
    for key in waiting:
        for user in _users(graph, expansion, key):
            if user not in found:
                found[user] = None
                waiting.append(user)
    return waiting


def _users(graph: Graph, expansion: Expansion, key: Key) -> Iterator[Key]:
    """Yield the runs that use a result, whether they have run or not."""
    loops = expansion.loops
    index = dict(zip(loops.axes(key[0]), key[1], strict=True))
    for target in dict.fromkeys(edge.target for edge in graph.outgoing(key[0])):
        paths: list[Path] | None = loops.within(loops.axes(target), index)
        for path in paths if paths is not None else loops.paths(loops.axes(target)):
            yield (target, path)
