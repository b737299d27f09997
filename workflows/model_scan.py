"""Scan the folder of another program for models, and change which folders are searched for them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from invocations.language.printer import as_word, print_value
from invocations.services.models.base import ScannedFolder

from .model_list import info_data
from .problems import UsageError
from .settings.searched import add_folder, is_listed_elsewhere, remove_folder, saved_folders
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
    _check_is_folder(folder, base)
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


def _check_is_folder(folder: str, base: str) -> None:
    """Refuse a web address and a file with what to do instead. Raises: UsageError."""
    if "://" in folder:
        from .synonyms.table import note_on  # imported on demand, for the error only

        raise UsageError(f"`{folder}` is a web address", note_on("download"))
    if os.path.isfile(absolute(folder, base)):
        path = print_value(as_word(folder))
        hint = f"`models info {path}` describes it; `t2i a fox --model {path}` uses it if it is a model"
        raise UsageError(f"`{folder}` is a file, not a folder", hint)


def _removed(path: str, services: Sequence[ModelService], config: Config) -> str:
    """Remove a folder from the user's settings, and return a note. Raises: UsageError, ConfigError, FileError."""
    note = remove_folder(config, path)
    for models in services if not is_listed_elsewhere(config, path) else ():
        models.search(path, also=False)
    return note


def scan_data(found: ScannedFolder, saved: Sequence[str] = (), config: Config | None = None) -> dict[str, Any]:
    """Return the models in a folder as JSON data, and the folders that a change has added to the settings or removed.

    saved: the folders in the settings file before the change
    """
    models, now = [info_data(each) for each in found.models], saved_folders(config) if config else saved
    changes = {"added": [path for path in now if path not in saved], "removed": [p for p in saved if p not in now]}
    return {"models": models, "folders": found.folders, "complete": found.complete, **changes}
