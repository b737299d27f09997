"""The folders that settings list: add one, remove one, and find those that do not exist."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator

from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import visible
from workflows.problems import UsageError

from .file import write_setting
from .resolve import Config, read_file
from .table import SETTINGS, absolute

MODELS_DIRS = "models_dirs"


def add_folder(config: Config, folder: str) -> str:
    """Add a folder to `models_dirs` in the user's settings file, and return a note that says so.

    Raises: ConfigError, FileError.
    """
    user_file, written = config.folders.user_file, _written(config)
    overriding = _overriding(config)
    if folder in (config.models_dirs if overriding else _paths(config, written)):
        return f"{folder} is already in `{MODELS_DIRS}`"
    write_setting(user_file, MODELS_DIRS, [*written, folder])
    if overriding:
        return f"{folder} was added to {user_file}, but `{MODELS_DIRS}` is set by {overriding}, which overrides it"
    undo = f"`models scan {shlex.quote(folder)} --remove` undoes this"
    return f"{folder} was added to `{MODELS_DIRS}` in {user_file}; {undo}"


def remove_folder(config: Config, folder: str) -> str:
    """Remove a folder, which need not exist, from `models_dirs` in the user's settings file, and return a note.

    Raises: UsageError, if it is not listed there; ConfigError, FileError.
    """
    user_file, written, overriding = config.folders.user_file, _written(config), _overriding(config)
    paths = _paths(config, written)
    left = [text for text, path in zip(written, paths, strict=True) if path != folder]
    still = f"`{MODELS_DIRS}` is set by {overriding}" if is_listed_elsewhere(config, folder) else ""
    if left == written:
        if still:
            raise UsageError(f"{folder} is not in {user_file}: {still}", "remove it there")
        listed = f"it contains {', '.join(paths)}" if paths else "it contains no folders"
        raise UsageError(f"{folder} is not in `{MODELS_DIRS}`", did_you_mean(folder, paths, listed))
    write_setting(user_file, MODELS_DIRS, left or None)
    note = f"{folder} was removed from `{MODELS_DIRS}` in {user_file}"
    return f"{note}, but {still}, which still contains it" if still else note


def is_listed_elsewhere(config: Config, folder: str) -> bool:
    """Return True if a variable, an option or a project's file, which override the user's settings, list a folder."""
    return bool(_overriding(config)) and folder in config.models_dirs


def missing_folders(config: Config) -> Iterator[str]:
    """Yield a warning for each folder in a setting that is not there, with where the setting comes from."""
    for name in [setting.name for setting in SETTINGS if setting.kind == "paths"]:
        for path in [path for path in getattr(config, name) if not os.path.isdir(path)]:
            what = "is not a folder" if os.path.exists(path) else "does not exist"
            yield visible(f"{path} {what}; `{name}` is set by {config.origins[name]}")


def _written(config: Config) -> list[str]:
    """Return the folders in the user's settings file as they are written there."""
    written = read_file(config.folders.user_file).get(MODELS_DIRS, [])
    return [written] if isinstance(written, str) else [*written]


def _paths(config: Config, written: Iterable[str]) -> list[str]:
    """Return absolute paths; relative ones start at the folder of the user's settings file."""
    return [absolute(text, os.path.dirname(config.folders.user_file)) for text in written]


def _overriding(config: Config) -> str:
    """Return what sets the folders instead of the user's settings file, or ""."""
    origin = config.origins[MODELS_DIRS]
    return "" if origin in ("default", config.folders.user_file) else origin
