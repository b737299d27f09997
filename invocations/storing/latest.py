"""Read the latest sessions and their first lines, for completion, without creating a store."""

from __future__ import annotations

import os
from pathlib import Path

from invocations.errors import StoreFailed

from .base import SessionFilter

MAX_SESSIONS = 100  # a completion menu needs no more
FILE = "sessions.sqlite"


def latest_sessions(folder: str) -> tuple[tuple[str, str], ...]:
    """Return the ids and first lines of the latest sessions in a data folder, or nothing if they cannot be read."""
    from .local import LocalStore  # imported late because it imports sqlite3

    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return ()
    store = LocalStore(Path(path))
    try:
        found = store.infos(SessionFilter(limit=MAX_SESSIONS))
        return tuple((info.id, " ".join(info.first_line.split())) for info in found)
    except StoreFailed:
        return ()
    finally:
        store.close()
