"""The sessions there are, by id and first line, for completion: nothing is made where there are none yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shell import Shell

MOST = 100  # nobody reads on
FILE = "sessions.sqlite"


def session_names(shell: Shell) -> tuple[tuple[str, str], ...]:
    """Return the latest sessions with their first lines; none where they cannot be read."""
    from invocations.errors import StoreFailed
    from invocations.storing.base import SessionFilter
    from invocations.storing.local import LocalStore

    path = os.path.join(shell.plain_config.folders.data, FILE)
    if not os.path.isfile(path):
        return ()
    store = LocalStore(Path(path))
    try:
        return tuple((info.id, " ".join(info.first_line.split())) for info in store.infos(SessionFilter(most=MOST)))
    except StoreFailed:
        return ()
    finally:
        store.close()
