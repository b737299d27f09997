"""Scan the folder of another program for models, and change which folders are searched for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invocations.services.models.base import ScannedFolder

from .model_list import info_data
from .settings.searched import add_folder, is_listed_elsewhere, remove_folder
from .settings.table import absolute

if TYPE_CHECKING:
    from invocations.services.models.base import ModelService

    from .settings.resolve import Config

NOTHING = ScannedFolder((), (), True, 0, 0)


def scanned(
    folder: str, services: Sequence[ModelService], config: Config, change: str = "", *, base: str = ""
) -> tuple[ScannedFolder, list[str]]:
    """Return the models in a folder, and notes.

    services: the first one scans the folder; a change applies to all of them until the process ends.
    change: `add` also adds the folder to the user's settings; `remove` only removes it, without scanning it.
    base: the folder that a relative path of a folder to remove is resolved against

    Raises: ServiceError, UsageError, ConfigError, FileError.
    """
    if change == "remove":
        return NOTHING, [_removed(absolute(folder, base), services, config)]
    found = services[0].scan(folder)
    notes = [] if found.models else [f"there are no models in {found.folders[0]}"]
    if not found.complete:
        depth = f"folders nested deeper than {found.max_depth} levels"
        notes.append(f"{depth}, and files beyond the first {found.max_entries:,}, were not searched")
    for other in found.folders[1:]:
        notes.append(f"also searched, because ComfyUI's settings name it: {other}")
    if change == "add":
        notes.append(add_folder(config, found.folders[0]))
        for models in services:
            models.search(found.folders[0])
    return found, notes


def _removed(path: str, services: Sequence[ModelService], config: Config) -> str:
    """Remove a folder from the user's settings, and return a note. Raises: UsageError, ConfigError, FileError."""
    note = remove_folder(config, path)
    for models in services if not is_listed_elsewhere(config, path) else ():
        models.search(path, also=False)
    return note


def scan_data(found: ScannedFolder) -> dict[str, Any]:
    """Return the models in a folder as JSON data."""
    models = [info_data(each) for each in found.models]
    return {"models": models, "folders": found.folders, "complete": found.complete}
