"""The ids of sessions: the time of creation, and a random part."""

from __future__ import annotations

import os
import time


def new_session_id(created: float) -> str:
    """Return a new, unique id for a session; `created` is in seconds since 1970."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(created))}-{os.urandom(3).hex()}"
