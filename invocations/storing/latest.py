"""The latest sessions by id and first line, for completion; no store is made where there is none."""

from __future__ import annotations

import os
from pathlib import Path

from invocations.errors import StoreFailed

from .base import SessionFilter

MAX_SESSIONS = 100  # nobody reads a longer list
FILE = "sessions.sqlite"


def latest_sessions(folder: str) -> tuple[tuple[str, str], ...]:
    """Return the latest sessions of a data folder with their first lines; none if they cannot be read."""
    from .local import LocalStore  # needs sqlite3

    path = os.path.join(folder, FILE)
    if not os.path.isfile(path):
        return ()
    store = LocalStore(Path(path))
    try:
        found = store.infos(SessionFilter(most=MAX_SESSIONS))
        return tuple((info.id, " ".join(info.first_line.split())) for info in found)
    except StoreFailed:
        return ()
    finally:
        store.close()
