"""The processes that run nodes for this machine's invoker: workers, and a process for a node that may crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .running.engine.control import EngineControl
    from .running.workers.base import Workers


def workers(settings: Any, computing: Callable[[], Mapping[str, str]]) -> Workers | None:
    """Return worker processes, none of which is started yet, or the warm engine; None if nodes run in this process.

    computing: returns what results depend on
    """
    from core.device_class import count_cards

    size = count_cards(settings.device) if settings.jobs is None else settings.jobs
    if size > 1:
        return processes(settings, size, computing)
    return None if settings.engine == "off" else engine(settings, computing)


def processes(settings: Any, size: int, computing: Callable[[], Mapping[str, str]]) -> Workers:
    """Return this many worker processes; they divide the memory for loaded models."""
    from .running.workers.processes import ProcessWorkers, start_process, threads_each
    from .settings_json import settings_to_json

    data = settings_to_json(settings) | {"jobs": 1}
    if settings.ram_bytes is not None:
        data["ram_bytes"] = settings.ram_bytes // size
    return ProcessWorkers(size, partial(start_process, settings=data, environment=threads_each(size)), computing)


def engine(settings: Any, computing: Callable[[], Mapping[str, str]]) -> Workers:
    """Return the warm engine as a worker, not connected yet; computing: returns what results depend on."""
    from .engine_facts import engine_facts
    from .running.engine.client import EngineWorkers
    from .running.engine.crashes import Crashes
    from .running.engine.link import connect
    from .running.engine.place import engine_place
    from .running.engine.start import start_engine
    from .settings_json import settings_to_json

    place = engine_place(settings)
    return EngineWorkers(
        settings.engine,
        lambda: connect(place, engine_facts(settings, computing())),
        lambda: start_engine(place, settings_to_json(settings)),
        Crashes(place.crashes),
        preview_every=settings.preview_every,
    )


def engine_control(settings: Any) -> EngineControl:
    """Return the engine for these settings, to start, stop and question it."""
    from .running.engine.control import EngineControl
    from .running.engine.place import engine_place
    from .settings_json import settings_to_json

    return EngineControl(engine_place(settings), settings_to_json(settings))
