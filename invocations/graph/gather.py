"""Gather the inputs of a node in one iteration: results matched on shared axes, and lists for `collect` nodes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, NamedTuple

from .axes import ITEMS, Axes
from .compatible import HOLES
from .graph import Graph
from .loops import Key, Loops, Path, Results, project

MISSING: Final = object()  # stands for an item that is missing, because an item may be None


def keeps_holes(graph: Graph, node_id: str) -> bool:
    """Return True if a node is a `collect` node whose list has None in place of each missing item."""
    return bool(graph.nodes[node_id].inputs.get(HOLES)) and bool(graph.node_type(node_id).many)


def items_are_separate(graph: Graph, node_id: str) -> bool:
    """Return True if a node's outputs are used only by loops in which other nodes use one item at a time.

    Lists may be combined by `collect` nodes in between.
    """
    waiting = [node_id]
    for id_ in waiting:
        targets = [edge.target for edge in graph.outgoing(id_) if edge.input not in ITEMS]
        roles = {target: graph.node_type(target).spec.role for target in targets}
        is_item = graph.node_type(id_).spec.role == "iterate"
        if not targets or any(role == "if" or (role == "node" and not is_item) for role in roles.values()):
            return False
        waiting += [target for target, role in roles.items() if role != "node" and target not in waiting]
    return True


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
    """The results that a `collect` node gathers in one iteration of the loops around it, in order.

    keeps_holes: whether the list has None in place of each item that is missing
    """

    def __init__(self, parts: Sequence[tuple[Key, str, bool]], *, keeps_holes: bool) -> None:
        self._parts = parts  # for each result: its key, the name of its output, and whether it is an item, not a list
        self._keeps_holes = keeps_holes
        self._count = 0  # how many results, counted from the first, are known to exist or to be lost

    def is_complete(self, results: Results, lost: Collection[Key] = ()) -> bool:
        """Return True if all results exist, except lost items; each result is looked up only once.

        lost: keys of results that will not exist because a node failed
        """
        while self._count < len(self._parts):
            key, _, is_item = self._parts[self._count]
            if key not in results and not (self._keeps_holes and is_item and key in lost):
                return False
            self._count += 1
        return True

    def gathered(self, results: Results) -> list[Any] | None:
        """Return the list that the `collect` node builds, or None if all its items are missing."""
        found: list[Any] = []
        items = missing = 0
        for key, output, is_item in self._parts:
            outputs = results.get(key)
            items += is_item
            missing += outputs is None
            if is_item:
                found.append(None if outputs is None else outputs[output])
            elif outputs is not None:
                found += outputs[output]
        return None if missing and missing == items else found

    def missing(self, results: Results) -> list[Key]:
        """Return the keys of the items that do not exist."""
        return [key for key, _, is_item in self._parts if is_item and key not in results]


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
    return Group(parts, keeps_holes=keeps_holes(graph, node_id))


def gather_lists(graph: Graph, loops: Loops, results: Results, node_id: str) -> Callable[[Path], list[Any] | str]:
    """Return a function that, given an iteration path, returns the list that a `collect` node builds.

    The lists that the node extends come first, then its items, both in the order of iteration paths. If the result
    of a source is missing, the function returns the id of that source instead. If the node keeps holes, the function
    returns an id only if a list is missing, or if all items are missing.
    """
    axes, many = loops.axes(node_id), graph.node_type(node_id).many
    edges = sorted(graph.incoming(node_id), key=lambda edge: edge.input == many)
    gap = MISSING if keeps_holes(graph, node_id) else None
    parts = [(edge, _part(loops, results, edge.source, edge.output, axes, edge.input == many, gap)) for edge in edges]

    def lists(path: Path) -> list[Any] | str:
        found: list[Any] = []
        items = missing = 0
        for edge, part in parts:
            more = part(path)
            if isinstance(more, str):
                return more
            found.extend(more)
            if gap is not None and edge.input == many:
                items += len(more)
                missing += more.count(gap)
        if missing and missing == items:
            return next(edge.source for edge in edges if edge.input == many)
        return [None if each is gap else each for each in found] if missing else found

    return lists


def _part(
    loops: Loops, results: Results, source: str, output: str, axes: Axes, is_item: bool, gap: object | None
) -> Callable[[Path], list[Any] | str]:
    """Return a function that, given an iteration path, returns the items one source contributes to a `collect` node.

    gap: stands for each item that is missing; None if all must exist
    """
    own = loops.axes(source)
    if not own:
        outputs = results.get((source, ()))
        alone = source if outputs is None else [outputs[output]] if is_item else outputs[output]
        if is_item and outputs is None and gap is not None:
            alone = [gap]
        return lambda path: alone
    shared = tuple(axis for axis in axes if axis in own)
    in_own, in_axes = loops.picks(shared, own), loops.picks(shared, axes)
    groups: dict[Path, list[Any]] = {}
    missing: set[Path] = set()
    for path in loops.paths(own):
        found = results.get((source, path))
        if found is None and is_item and gap is not None:
            groups.setdefault(project(path, in_own), []).append(gap)
        elif found is None:
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
