"""Read the latest sessions without creating a store: their first lines, for completion, and how long nodes took."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from invocations.errors import StoreFailed

from .base import SessionFilter

if TYPE_CHECKING:
    from .local import LocalStore
    from .past_runs import PastRun

T = TypeVar("T")

MAX_SESSIONS = 100  # more would be useless in a completion menu
FILE = "sessions.sqlite"


def latest_sessions(folder: str) -> tuple[tuple[str, str], ...]:
    """Return the ids and first lines of the latest sessions in a data folder, or nothing if they cannot be read."""

    def found(store: LocalStore) -> tuple[tuple[str, str], ...]:
        infos = store.infos(SessionFilter(limit=MAX_SESSIONS))
        return tuple((info.id, " ".join(info.first_line.split())) for info in infos)

    return _read(folder, found) or ()


def latest_runs(folder: str) -> tuple[PastRun, ...]:
    """Return the latest runs of nodes in a data folder, the latest first; return () if the store cannot be read."""
    return _read(folder, lambda store: tuple(store.past_runs())) or ()


def _read(folder: str, read: Callable[[LocalStore], T]) -> T | None:
    """Call `read` with the store of a data folder; return None if there is no store or the store cannot be read."""
    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return None
    from .local import LocalStore  # imported late because it imports sqlite3

    store = LocalStore(Path(path))
    try:
        return read(store)
    except StoreFailed:
        return None
    finally:
        store.close()
