"""Unload models that nobody uses while an application waits for input."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .backend import Backend

CHECK_INTERVAL_S: Final = 60.0
NEVER: Final = "never"


@contextmanager
def unloading_idle_models(backend: Backend, interval_s: float = CHECK_INTERVAL_S) -> Iterator[None]:
    """While the block waits, unload models that have been idle for as long as the setting `idle_unload` says.

    interval_s: the time in seconds between two checks
    """
    if backend.settings.idle_unload == NEVER:
        yield
        return
    import threading

    ended, services = threading.Event(), backend.invoker.services

    def check() -> None:
        while not ended.wait(interval_s):
            with suppress(Exception):  # the next check may succeed
                services.free_idle()

    threading.Thread(target=check, name="idle models", daemon=True).start()
    try:
        yield
    finally:
        ended.set()
