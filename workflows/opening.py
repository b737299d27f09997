"""Open a workspace from Python; settings come from files, the environment and keyword arguments."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invocations.language.did_you_mean import did_you_mean

from .problems import ConfigError
from .settings.folders import HOME
from .settings.place import Place, current_place
from .settings.resolve import resolve
from .settings.table import BY_NAME

if TYPE_CHECKING:
    from invocations.catalog.registry import Registry
    from invocations.invoker import Invoker
    from invocations.local import LocalServices

    from .settings.resolve import Config


def options_of(
    folder: str | os.PathLike[str] = "",
    *,
    home: str | os.PathLike[str] = "",
    settings: Mapping[str, Any] | None = None,
    services: LocalServices | None = None,
    invoker: Invoker | None = None,
    warn: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Return the arguments for constructing a workspace; see `Workspace.open`. Raises: ConfigError."""
    config = resolve(_place(folder, home), _flags(settings or {}), {})
    return {
        "settings": lambda: config,
        "catalog": _catalog(config, invoker),
        "folder": os.path.abspath(folder),
        "base": os.path.abspath(folder) if folder else "",
        "warn": warn,
        "services": services,
        "invoker": invoker,
    }


def _catalog(config: Config, invoker: Invoker | None) -> Registry:
    """Return the catalog of a shared invoker, or that of the folders in the settings."""
    from invocations.catalog.registry import Registry, open_registry

    if invoker is not None and isinstance(invoker.catalog, Registry):
        return invoker.catalog
    nodes = (Path(config.folders.nodes), *map(Path, config.nodes_dirs))
    return open_registry(nodes, Path(config.folders.cache))


def _place(folder: str | os.PathLike[str], home: str | os.PathLike[str]) -> Place:
    place = current_place()
    variables = {**place.variables, HOME: os.path.abspath(home)} if home else place.variables
    return replace(place, variables=variables, folder=os.path.abspath(folder or place.folder))


def _flags(settings: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    flags: dict[str, tuple[str, Any]] = {}
    for name, value in settings.items():
        if name not in BY_NAME:
            raise ConfigError(f"there is no setting `{name}`", did_you_mean(name, BY_NAME))
        flags[name] = (f"settings[{name!r}]", value if isinstance(value, bool) else _text(value))
    return flags


def _text(value: Any) -> str:
    return os.pathsep.join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
