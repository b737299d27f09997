"""Find results whose content is lost and must be recomputed before a session continues."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from invocations.cache.keys import refs_in
from invocations.values import Ref

from .session import Key, Session


def lost_before(
    session: Session, targets: Iterable[str], is_there: Callable[[Ref], bool]
) -> tuple[Collection[Key], Collection[str]]:
    """Return the lost results that unfinished nodes of `targets` need, and those nodes (none if nothing is lost).

    An unfinished node may already have a lost result among its inputs, so it must be expanded again. A lost result in a
    loop does not affect the other items.
    """
    expansion = session.expansion
    gone: dict[Key, None] = {}
    users = dict.fromkeys(id_ for id_ in targets if not expansion.is_closed(id_))
    waiting = [key for id_ in users for key in _needed(session, id_)]
    seen = set(waiting)
    for key in waiting:
        if key in session.results and not all(map(is_there, refs_at(session, key))):
            gone[key] = None
            fresh = [each for each in expansion.runs.sources(*key) if each not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
    return gone, users if gone else ()


def refs_of(session: Session, node_id: str) -> Iterator[Ref]:
    """Yield the references among a node's results."""
    for path in session.paths(node_id):
        yield from refs_at(session, (node_id, path))


def refs_at(session: Session, key: Key) -> Iterator[Ref]:
    """Yield the references in one result."""
    for value in session.results.get(key, {}).values():
        yield from refs_in(value)


def _needed(session: Session, node_id: str) -> Iterable[Key]:
    """Return the results that an unfinished node uses or, if its runs are not known yet, may use."""
    found = session.expansion.runs.inputs_left(node_id)
    if found is not None:
        return found
    sources = {edge.source for edge in session.graph.incoming(node_id)}
    return [(id_, path) for id_ in sources for path in session.paths(id_)]
