"""The warm engine for the settings of an application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .services import engine_mode, local_settings

if TYPE_CHECKING:
    from invocations.running.engine.control import EngineControl

    from .settings.resolve import Config


def engine_of(settings: Config) -> EngineControl:
    """Return the engine that lines with these settings use."""
    from invocations.local_processes import engine_control

    from .settings.folders import make_usable

    folders, _ = make_usable(settings.folders)
    return engine_control(local_settings(settings, folders))


def is_usable(settings: Config) -> bool:
    """Return True if lines with these settings run in the engine; it is started now if the setting is on."""
    from invocations.running.engine.control import EngineFailed

    mode = engine_mode(settings)
    if mode == "off":
        return False
    engine = engine_of(settings)
    try:
        if mode == "on":
            engine.start(is_asked=False)
        return engine.status() is not None
    except EngineFailed:
        return False
