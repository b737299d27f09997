"""The loops around the outputs of a node, as the graph will see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import prod

from invocations.graph.axes import BY, name_of
from invocations.graph.linking import Loop, Offer
from invocations.graph.node import Node
from invocations.spec import InvocationSpec

from .sheets import outer_axes

Loops = tuple[Loop, ...]


def in_loops(
    made: Iterable[Offer], node: Node, spec: InvocationSpec, linked: Mapping[str, Offer], *, place: tuple[int, int]
) -> list[Offer]:
    """Return the outputs of a node with the loops around them, and with the axes of a sweep that the node closes.

    linked: the outputs that feed its inputs. place: the position of the node in the session
    """
    loops = loops_of(node, spec, linked, place=place)
    axes = closed_by(spec, linked, loops) or outer_axes(node.inputs)
    return [replace(offer, loops=loops, axes=axes) for offer in made]


def loops_of(node: Node, spec: InvocationSpec, linked: Mapping[str, Offer], *, place: tuple[int, int]) -> Loops:
    """Return the loops around the outputs of a node, the outermost first."""
    if spec.role != "collect":
        around = merged(offer.loops for offer in linked.values())
        if spec.role != "iterate":
            return around
        source = linked.get(spec.primary_input.name) if spec.primary_input else None
        return (*around, Loop(node.id, name_of(node), place, source.items if source else (), source=source))
    single = spec.primary_input.name if spec.primary_input else ""
    items = linked[single].loops if single in linked else ()
    kept = left(items, node.inputs.get(BY, ()))
    lists = merged(offer.loops for name, offer in linked.items() if name != single)
    return merged((kept, (loop for loop in lists if loop not in items)))


def left(loops: Loops, by: Sequence[str]) -> Loops:
    """Return the loops that a `collect` node leaves open. by: the axes whose loops it closes (default: innermost)"""
    return tuple(loop for loop in loops if loop.axis not in by) if by else loops[:-1]


def merged(many: Iterable[Iterable[Loop]]) -> Loops:
    """Return all loops without duplicates, the outermost first."""
    return tuple(sorted({loop for loops in many for loop in loops}, key=lambda loop: loop.place))


def closed_by(spec: InvocationSpec, linked: Mapping[str, Offer], kept: Loops) -> Loops:
    """Return the axes of a sweep that a `collect` node closes; none if more than one of its inputs is linked.

    kept: the loops that the node leaves open
    """
    if spec.role != "collect" or len(linked) > 1:
        return ()
    return tuple(loop for offer in linked.values() for loop in offer.loops if loop.axis and loop not in kept)


def items_of(offers: Iterable[Offer]) -> int:
    """Return the number of items in the sweep around the given outputs, as far as it is known; 0 without a sweep."""
    loops = [[loop for loop in offer.loops if loop.axis] for offer in offers]
    return max((prod(len(loop.values) or 1 for loop in around) for around in loops if around), default=0)
