"""Change a network that several threads may use: once, and completely before any of them uses it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

LOCK: Final = "alone"
_preparing: Final = threading.RLock()


def prepare_once(network: Any, mark: str, prepare: Callable[[], None]) -> None:
    """Call `prepare`, which changes a network, unless the network has the attribute `mark`; then set the attribute.

    A thread that needs the change while another one makes it waits.
    """
    if mark in vars(network):
        return
    with _preparing:
        if mark not in vars(network):
            prepare()
            setattr(network, mark, True)


def lock_of(network: Any) -> threading.Lock:
    """Return the lock for work that changes a network for a while."""
    lock: threading.Lock = vars(network).setdefault(LOCK, threading.Lock())
    return lock
