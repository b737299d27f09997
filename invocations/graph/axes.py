"""The axes of nodes: the ids of the `iterate` nodes around a node, outermost first.

A `collect` node closes axes of its items: those that its input `by` names, or the innermost one if it names none.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final

from invocations import errors

from .node import Edge, Node
from .node_type import NodeType

Axes = tuple[str, ...]

AXIS: Final = "axis"  # the input of `iterate` that names its axis
JOINED: Final = "+"  # in the name of an axis formed by axes that advance together, the character between their names
# inputs that take the items of an axis only to label them, so the items' files need not be read
ITEMS: Final = ("axis_items", "second_axis_items")
SIZES: Final = "sizes"  # the input of `iterate` with the lengths of the axes whose combinations are its items
CELLS: Final = "cells"  # the input of `iterate` with the position of each item among these combinations
BY: Final = "by"  # the input of `collect` that names the axes to close


class NodeAxes:
    """The axes of the nodes in a graph."""

    def __init__(self, nodes: Mapping[str, Node], rank: Mapping[str, int]) -> None:
        self._nodes = nodes
        self._rank = rank
        self.known: dict[str, Axes] = {}  # contains only the nodes inside loops

    def copy(self, nodes: Mapping[str, Node], rank: Mapping[str, int]) -> NodeAxes:
        """Return an independent copy for a copy of the graph."""
        other = NodeAxes(nodes, rank)
        other.known = dict(self.known)
        return other

    def add(self, node: Node, node_type: NodeType, incoming: Sequence[Edge]) -> None:
        """Compute the axes of a node; the axes of its sources must be known. Raises: UnknownAxis, AxisInUse."""
        if node_type.many:
            axes = self._around_collect(node, node_type.many, incoming)
        else:
            axes = self.merge([self.known.get(edge.source, ()) for edge in incoming])
        if node_type.spec.role == "iterate":
            axes = (*axes, node.id)
        if axes:
            self.known[node.id] = axes
        else:
            self.known.pop(node.id, None)

    def drop(self, ids: Iterable[str]) -> None:
        """Forget nodes that no longer exist."""
        for id_ in ids:
            self.known.pop(id_, None)

    def merge(self, many: Iterable[Axes]) -> Axes:
        """Return the union of several axes, outermost first."""
        merged: Axes = ()
        for axes in many:
            if not axes or axes == merged:
                continue
            merged = axes if not merged else tuple(sorted({*merged, *axes}, key=self._rank.__getitem__))
        return merged

    def name(self, axis: str) -> str:
        """Return the name of an axis, or "" if it has none."""
        return name_of(self._nodes[axis])

    def _around_collect(self, node: Node, many: str, incoming: Sequence[Edge]) -> Axes:
        items = self.merge(self.known.get(edge.source, ()) for edge in incoming if edge.input == many)
        lists = self.merge(self.known.get(edge.source, ()) for edge in incoming if edge.input != many)
        by = node.inputs.get(BY, ())
        closing = closed(items, by, self.name)
        if by and any(edge.input == many for edge in incoming):
            refuse_by(by, items, self.name, self.known.__getitem__, node.id)
        return self.merge((axis,) for axis in left(items, lists, closing, self.known.__getitem__))


def name_of(iterate: Node) -> str:
    """Return the name of the axis of an `iterate` node, or "" if it has none."""
    return str(iterate.inputs.get(AXIS, ""))


def places_of(iterate: Node, item: int) -> list[int]:
    """Return the position of an item on each axis of its loop; most loops have only one axis."""
    sizes, cells = iterate.inputs.get(SIZES, ()), iterate.inputs.get(CELLS, ())
    if not (sizes and item < len(cells)):
        return [item]
    rest, found = cells[item], []
    for size in reversed(sizes):
        rest, place = divmod(rest, size)
        found.append(place)
    return found[::-1]


def empty_label(axis: str) -> str:
    """Return the label for an empty string among the values of an axis, such as `without red`."""
    return f"without {axis}"


def closed(items: Axes, by: Collection[str], name: Callable[[str], str]) -> Axes:
    """Return the axes that a `collect` node closes.

    items: the axes of its items. by: the names of the axes to close; none: the innermost one. name: returns the name
    of an axis
    """
    return tuple(axis for axis in items if name(axis) in by) if by else items[-1:]


def left(items: Axes, lists: Axes, closing: Axes, axes_of: Callable[[str], Axes]) -> Axes:
    """Return the axes around a `collect` node, in no particular order.

    items: the axes of its items. lists: the axes of the lists that it extends. closing: the axes that it closes.
    axes_of: returns the axes of an `iterate` node
    """
    more = [axis for axis in lists if axis not in items and not inside(axis, closing, axes_of)]
    return (*(axis for axis in items if axis not in closing), *more)


def inside(axis: str, others: Collection[str], axes_of: Callable[[str], Axes]) -> bool:
    """Return True if the items of an axis depend on the items of one of the others."""
    return any(outer in others for outer in axes_of(axis)[:-1])


def refuse_by(
    by: Collection[str], items: Axes, name: Callable[[str], str], axes_of: Callable[[str], Axes], node: str = ""
) -> None:
    """Refuse names of axes that a `collect` node cannot close. Raises: UnknownAxis, AxisInUse."""
    names = [found for found in map(name, items) if found]
    for wanted in by:
        if wanted not in names:
            known = f"only {_listed(names)}" if names else "no axis with a name"
            raise errors.UnknownAxis(
                f"there is no axis `{wanted}` to close: the items have {known}", node=node, field=BY
            )
    closing = closed(items, by, name)
    for axis in items:
        if axis not in closing and inside(axis, closing, axes_of):
            shown = f"the axis `{name(axis)}`" if name(axis) else "a loop without a name"
            hint = f"close `{name(axis)}` as well" if name(axis) else "close that loop with `collect` first"
            raise errors.AxisInUse(
                f"{_listed(by)} cannot be closed alone: {shown} depends on its items",
                node=node, field=BY, hint=hint,
            )  # fmt: skip


def _listed(names: Collection[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
