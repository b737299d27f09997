"""The processes that run nodes for this machine's invoker: workers, and a process for a node that may crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .running.workers import Workers


def workers(settings: Any, computing: Callable[[], Mapping[str, str]]) -> Workers | None:
    """Return worker processes, none of which is started yet; None if nodes run in this process, one at a time.

    computing: returns what results depend on
    """
    from core.device_class import count_cards

    size = count_cards(settings.device) if settings.jobs is None else settings.jobs
    return None if size < 2 else processes(settings, size, computing)


def processes(settings: Any, size: int, computing: Callable[[], Mapping[str, str]]) -> Workers:
    """Return this many worker processes; they divide the memory for loaded models."""
    from .running.processes import ProcessWorkers, start_process, threads_each
    from .settings_json import settings_to_json

    data = settings_to_json(settings) | {"jobs": 1}
    if settings.ram_bytes is not None:
        data["ram_bytes"] = settings.ram_bytes // size
    return ProcessWorkers(size, partial(start_process, settings=data, environment=threads_each(size)), computing)
