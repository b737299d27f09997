"""The processes that run nodes for this machine's invoker: workers, and a process for a node that may crash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .running.engine.control import EngineControl
    from .running.engine.place import EnginePlace
    from .running.workers.base import Workers


def workers(settings: Any, computing: Callable[[], Mapping[str, str]]) -> Workers | None:
    """Return worker processes, none of which is started yet, or the warm engine; None if nodes run in this process.

    computing: returns what results depend on
    """
    from .local_memory import count_workers

    size = count_workers(settings)
    if size > 1:
        return processes(settings, size, computing)
    return None if settings.engine == "off" else engine(settings, computing)


def count_processes(device: str, jobs: int | None) -> int:
    """Return how many worker processes run nodes, 0 if none does; jobs: None for one for each graphics card."""
    from core.device_class import count_cards

    size = count_cards(device) if jobs is None else jobs
    return size if size > 1 else 0


def processes(settings: Any, size: int, computing: Callable[[], Mapping[str, str]]) -> Workers:
    """Return this many worker processes; all workers of the settings divide the memory and the threads."""
    from core.device_class import thread_variables

    from .local_memory import count_workers, room_each
    from .running.workers.processes import ProcessWorkers
    from .running.workers.worker_process import start_process
    from .settings_json import settings_to_json

    workers = count_workers(settings)
    data = settings_to_json(settings) | {"jobs": workers, "room_bytes": room_each(settings)}
    variables = thread_variables(workers)
    return ProcessWorkers(size, partial(start_process, settings=data, environment=variables), computing)


def engine(settings: Any, computing: Callable[[], Mapping[str, str]]) -> Workers:
    """Return the warm engine as a worker, not connected yet; computing: returns what results depend on."""
    from .engine_facts import engine_facts
    from .running.engine.client import EngineWorkers
    from .running.engine.crashes import Crashes
    from .running.engine.link import connect
    from .running.engine.place import engine_place
    from .settings_json import settings_to_json

    place = engine_place(settings)
    return EngineWorkers(
        settings.engine,
        lambda: connect(place, engine_facts(settings, computing())),
        lambda: _start(place, settings_to_json(settings)),
        Crashes(place.crashes),
        preview_every=settings.preview_every,
    )


def _start(place: EnginePlace, data: Mapping[str, Any]) -> int:
    from .running.engine.start import start_engine  # imported on demand: an engine usually runs already

    return start_engine(place, data)


def engine_control(settings: Any) -> EngineControl:
    """Return the engine for these settings, to start, stop and question it."""
    from .running.engine.control import EngineControl
    from .running.engine.place import engine_place
    from .settings_json import settings_to_json

    return EngineControl(engine_place(settings), settings_to_json(settings))


def free_engines(settings: Any) -> int:
    """Ask the engines of this user to free memory, which those do that are idle; return how many have done so."""
    control = engine_control(settings)
    return sum(each.free() for each in (control, *control.others()))
