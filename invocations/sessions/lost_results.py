"""Find results whose content is lost and must be recomputed before a session continues."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from invocations.cache.keys import refs_in
from invocations.values import Ref

from .session import Session


def lost_before(session: Session, targets: Iterable[str], is_there: Callable[[Ref], bool]) -> list[str]:
    """Return the nodes whose results are lost but needed, together with the unfinished nodes that need them.

    An unfinished node may already have lost results among its inputs, so it must be expanded again.
    """
    gone: dict[str, None] = {}
    unfinished = [id_ for id_ in targets if not session.expansion.is_closed(id_)]
    waiting = list(unfinished)
    seen = set(waiting)
    for id_ in waiting:
        for edge in session.graph.incoming(id_):
            if edge.source not in seen:
                seen.add(edge.source)
                if not all(map(is_there, refs_of(session, edge.source))):
                    gone[edge.source] = None
                    waiting.append(edge.source)
    return [*gone, *unfinished] if gone else []


def refs_of(session: Session, node_id: str) -> Iterable[Ref]:
    """Yield the references in the results of a node."""
    for path in session.paths(node_id):
        for value in session.results.get((node_id, path), {}).values():
            yield from refs_in(value)
