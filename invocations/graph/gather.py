"""Gather the inputs of a node in one iteration: results matched on shared axes, and lists for `collect` nodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .axes import Axes
from .graph import Graph
from .loops import Key, Loops, Path, Results, project


class LinkedInput(NamedTuple):
    """The output that feeds an input. `picks`: the positions of the source's indices in the target's iteration path."""

    input: str
    node_id: str
    output: str
    picks: tuple[int, ...]

    def key(self, path: Path) -> Key:
        """Return the key of the source's result that the target uses in an iteration."""
        picks = self.picks
        return (self.node_id, path if len(picks) == len(path) else tuple(path[pick] for pick in picks))


def sources_of(graph: Graph, loops: Loops, node_id: str, axes: Axes) -> list[LinkedInput]:
    """Return the source of each linked input of a node."""
    return [
        LinkedInput(edge.input, edge.source, edge.output, loops.picks(loops.axes(edge.source), axes) if axes else ())
        for edge in graph.incoming(node_id)
    ]


def gather(
    results: Results, sources: Sequence[LinkedInput], path: Path, written: Mapping[str, Any]
) -> dict[str, Any] | str:
    """Return a node's inputs in one iteration, or the id of a node whose result is missing."""
    inputs = dict(written)
    for source in sources:
        found = results.get(source.key(path))
        if found is None:
            return source.node_id
        inputs[source.input] = found[source.output]
    return inputs


class Group:
    """The results that a `collect` node gathers in one iteration of the loops around it, in order."""

    def __init__(self, parts: Sequence[tuple[Key, str, bool]]) -> None:
        self._parts = parts  # for each result: its key, the name of its output, and whether it is an item, not a list
        self._count = 0  # how many results, counted from the first, are known to exist

    def is_complete(self, results: Results) -> bool:
        """Return True if all results exist; each of them is looked up only once."""
        while self._count < len(self._parts) and self._parts[self._count][0] in results:
            self._count += 1
        return self._count == len(self._parts)

    def gathered(self, results: Results) -> list[Any]:
        """Return the list that the `collect` node builds."""
        found: list[Any] = []
        for key, output, is_item in self._parts:
            value = results[key][output]
            found += [value] if is_item else value
        return found


def group_of(graph: Graph, loops: Loops, node_id: str, path: Path) -> Group | None:
    """Return the results that a `collect` node gathers in one iteration, or None if they are not known yet."""
    index = dict(zip(loops.axes(node_id), path, strict=True))
    many = graph.node_type(node_id).many
    parts: list[tuple[Key, str, bool]] = []
    for edge in sorted(graph.incoming(node_id), key=lambda edge: edge.input == many):
        paths = loops.within(loops.axes(edge.source), index)
        if paths is None:
            return None
        parts += [((edge.source, each), edge.output, edge.input == many) for each in paths]
    return Group(parts)


def gather_lists(graph: Graph, loops: Loops, results: Results, node_id: str) -> Callable[[Path], list[Any] | str]:
    """Return a function that, given an iteration path, returns the list that a `collect` node builds.

    The lists that the node extends come first, then its items, both in the order of iteration paths. If the result
    of a source is missing, the function returns the id of that source instead.
    """
    axes, many = loops.axes(node_id), graph.node_type(node_id).many
    edges = graph.incoming(node_id)
    parts = [_part(loops, results, edge.source, edge.output, axes, edge.input == many) for edge in edges]
    first = [part for part, edge in zip(parts, edges, strict=True) if edge.input != many]
    parts = first + [part for part, edge in zip(parts, edges, strict=True) if edge.input == many]

    def lists(path: Path) -> list[Any] | str:
        found: list[Any] = []
        for part in parts:
            more = part(path)
            if isinstance(more, str):
                return more
            found.extend(more)
        return found

    return lists


def _part(
    loops: Loops, results: Results, source: str, output: str, axes: Axes, is_item: bool
) -> Callable[[Path], list[Any] | str]:
    """Return a function that, given an iteration path, returns the items one source contributes to a `collect` node."""
    own = loops.axes(source)
    if not own:
        outputs = results.get((source, ()))
        alone = source if outputs is None else [outputs[output]] if is_item else outputs[output]
        return lambda path: alone
    shared = tuple(axis for axis in axes if axis in own)
    in_own, in_axes = loops.picks(shared, own), loops.picks(shared, axes)
    groups: dict[Path, list[Any]] = {}
    missing: set[Path] = set()
    for path in loops.paths(own):
        found = results.get((source, path))
        if found is None:
            missing.add(project(path, in_own))
        elif is_item:
            groups.setdefault(project(path, in_own), []).append(found[output])
        else:
            groups.setdefault(project(path, in_own), []).extend(found[output])
    holes = []
    for iterate, paths in loops.holes(own):
        around = loops.outer(iterate)
        both = tuple(axis for axis in axes if axis in around)
        there = loops.picks(both, around)
        holes.append((loops.picks(both, axes), {project(path, there) for path in paths}))

    def part(path: Path) -> list[Any] | str:
        group = project(path, in_axes)
        if group in missing or any(project(path, picks) in paths for picks, paths in holes):
            return source
        return groups.get(group, [])

    return part
