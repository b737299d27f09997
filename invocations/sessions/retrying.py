"""Clear the errors of a session, so that failed nodes, and nodes that used lists without failed items, run again."""

from __future__ import annotations

from collections.abc import Callable

from invocations.graph.holes import affected

from .journal import Forgotten, JournalEntry, Retried
from .session import Session


def clear_errors(session: Session, entry: Retried, append: Callable[..., object]) -> set[str]:
    """Clear all errors, and drop the results made from lists with holes; return the nodes that run again.

    append: called with the session's id and the entries to store
    """
    entries: list[JournalEntry] = [entry]
    with session.lock:
        if incomplete := affected(session.graph, session.expansion):
            entries.insert(0, Forgotten((), tuple(incomplete)))
            session.apply(entries[0])
        again = session.retry(entry)
        append(session.id, *entries)
    return again
