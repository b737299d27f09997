"""Settings as JSON data, for another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

PATHS = ("data_dir", "cache_dir", "output_dir", "base")
FOLDERS = ("models_dirs", "nodes_dirs", "wildcards_dirs")


def settings_to_json(settings: DataclassInstance) -> dict[str, Any]:
    """Return the settings of the local services as JSON data."""
    data = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {name: _plain(value) for name, value in data.items()}


def settings_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of the local services by name, read from JSON data."""
    paths = {name: Path(data[name]) for name in PATHS}
    folders = {name: tuple(map(Path, data[name])) for name in FOLDERS}
    return {**data, **paths, **folders}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
