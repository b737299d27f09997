"""Find the results that a part of a result was made from; for an item of a list, only those that became this item.

If a node returns a reference unchanged, only the input with that reference counts. If a reference occurs several
times, its first occurrence in the output comes from its first occurrence in the inputs, and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

from invocations.catalog.roles import first_argument
from invocations.frozen import frozen
from invocations.graph.gather import keeps_holes
from invocations.services.images.base import SHOWS
from invocations.sessions.session import Key, Session
from invocations.values import Ref

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec

MASK: Final = "mask"
CHOOSING: Final = frozenset({"collect", "if"})  # roles of nodes that pass on values from any of their inputs
# all inputs, all but masks that limit where an image changes, or only the main input of each node
Follow = Literal["all", "without masks", "main"]
Place = tuple[int, ...]  # the positions of an item in nested lists, outermost first; () means the whole value


@frozen
class Part:
    """An output of one run of a node, or a part of that output, such as an item of a list."""

    key: Key
    output: str
    place: Place = ()


@frozen
class _Link:
    """A linked input of a node, and the output that it takes its value from."""

    input: str
    part: Part


def origins(
    session: Session, key: Key, output: str | None = None, place: Place = (), *, follow: Follow = "all"
) -> list[Part]:
    """Return the parts of other results from which a part of a node's output was made; by default, all its outputs.

    follow: which inputs to follow
    """
    node_type = session.graph.node_type(key[0])
    links = [link for link in _links(session, key) if _is_followed(node_type.spec, link, follow)]
    everything = [link.part for link in links if link.part.key in session.results]
    if output is None:
        return everything
    if node_type.many:
        return _gathered(session, links, node_type.many, place) if place else everything
    if node_type.spec.role == "iterate":
        return [_within(link.part, (key[1][-1], *place)) for link in links]
    if "picks" in node_type.spec.roles and (index := _picked(session, key, links)) is not None:
        lists = [link.part for link in links if link.input != first_argument(node_type.spec)]
        return [_within(part, (index % _length(session, part), *place)) for part in lists]
    if place and SHOWS in (facts := session.facts(key)):
        return _shown(session, links, node_type.spec, facts[SHOWS][place[0]])
    return _passed_on(session, links, Part(key, output, place)) or everything


def value_of(session: Session, part: Part) -> Any:
    """Return the value of a part, or None if it is missing."""
    value = session.results.get(part.key, {}).get(part.output)
    for index in part.place:
        if not isinstance(value, (list, tuple)) or not -len(value) <= index < len(value):
            return None
        value = value[index]
    return value


def _links(session: Session, key: Key) -> Iterator[_Link]:
    """Yield the links into a node in the order of its edges; for an edge from a loop, in the order of the items.

    The items that are missing in a list with holes are included.
    """
    sources = dict.fromkeys(session.expansion.runs.sources(*key))
    many = session.graph.node_type(key[0]).many if keeps_holes(session.graph, key[0]) else ""
    for edge in session.graph.incoming(key[0]):
        for source in sources:
            if source[0] == edge.source and (source in session.results or edge.input == many):
                yield _Link(edge.input, Part(source, edge.output))


def _is_followed(spec: InvocationSpec, link: _Link, follow: Follow) -> bool:
    if follow == "main" and spec.role not in CHOOSING and "picks" not in spec.roles:
        return spec.primary_input is not None and link.input == spec.primary_input.name
    return follow == "all" or not _is_mask(spec, link.input)


def _is_mask(spec: InvocationSpec, name: str) -> bool:
    """Return True if an input takes a mask for the node's main image."""
    field = spec.input(name)
    return name == MASK and field is not None and not field.primary


def _within(part: Part, place: Place) -> Part:
    return Part(part.key, part.output, (*part.place, *place))


def _gathered(session: Session, links: list[_Link], many: str, place: Place) -> list[Part]:
    """Return the part of a result that supplied an item of a `collect` node's list.

    place: the position in that list, which has the items of all linked lists first, then the single items
    """
    index, *rest = place
    for link in sorted(links, key=lambda link: link.input == many):
        if link.input == many:
            count = 1
        else:
            count = _length(session, link.part)
        if index < count:
            part = _within(link.part, tuple(rest) if link.input == many else (index, *rest))
            return [part] if part.key in session.results else []
        index -= count
    return []


def _shown(session: Session, links: list[_Link], spec: InvocationSpec, places: Iterable[int]) -> list[Part]:
    """Return the items of a node's main list at the given places, and what its other inputs were made from."""
    main = spec.primary_input.name if spec.primary_input else ""
    found = [_within(link.part, (place,)) for link in links if link.input == main for place in places]
    return [
        part for part in (*found, *(link.part for link in links if link.input != main)) if part.key in session.results
    ]


def _length(session: Session, part: Part) -> int:
    value = value_of(session, part)
    return len(value) if isinstance(value, (list, tuple)) else 1


def _picked(session: Session, key: Key, links: list[_Link]) -> int | None:
    """Return the position that a node picks from its list, or None if the position is not known."""
    name = first_argument(session.graph.node_type(key[0]).spec)
    linked = next((value_of(session, link.part) for link in links if link.input == name), None)
    index = session.graph.nodes[key[0]].inputs.get(name, linked)
    return index if isinstance(index, int) else None


def _passed_on(session: Session, links: list[_Link], part: Part) -> list[Part]:
    """Return the part of an input that has the same reference as the given part, or [] if there is none."""
    value = value_of(session, part)
    if not isinstance(value, Ref):
        return []
    found = [_within(link.part, place) for link in links for place in _places(value_of(session, link.part), value)]
    whole = session.results[part.key][part.output]
    number = list(_places(whole, value)).index(part.place)
    return found[min(number, len(found) - 1) :][:1]


def _places(value: Any, wanted: Ref) -> Iterator[Place]:
    """Yield every place where a reference occurs in nested lists."""
    if value == wanted:
        yield ()
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from ((index, *place) for place in _places(item, wanted))
