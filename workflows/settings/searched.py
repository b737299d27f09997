"""The folders that settings list: add one, remove one, replace them, and find those that do not exist."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

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
        listed = f"`{MODELS_DIRS}` contains {' and '.join(paths) or 'no folders'}"
        raise UsageError(f"{folder} is not in `{MODELS_DIRS}`", did_you_mean(folder, paths, listed))
    write_setting(user_file, MODELS_DIRS, left or None)
    note = f"{folder} was removed from `{MODELS_DIRS}` in {user_file}"
    return f"{note}, but {still}, which still contains it" if still else note


def check_folders(name: str, folders: Sequence[str]) -> None:
    """Check the new folders of a setting. Raises: UsageError, if there are none, or one does not exist."""
    if not folders:
        raise UsageError(f"`{name}` needs a folder", f"`config unset {name}` removes all folders")
    for path in folders:
        if not os.path.exists(path):
            separator = f"separate folders with `{os.pathsep}`" if "," in path else "create it, or give another folder"
            raise UsageError(f"the folder `{path}` does not exist", separator)


def change_notes(config: Config, name: str, value: Any) -> Iterator[str]:
    """Yield what the user should know before a setting is changed in the user's file.

    That is: the folders that a list of folders replaces, and that something else overrides the file.
    """
    user_file, origin = config.folders.user_file, config.origins[name]
    written = _written(config, name) if isinstance(value, tuple) else []
    if paths := [path for path in _paths(config, written) if path not in value]:
        undo = [path for path in _paths(config, written) if os.path.isdir(path)]
        restores = f"`config set {name} {shlex.quote(os.pathsep.join(undo))}` restores the former list" if undo else ""
        adds = "`models scan DIR --add` adds a folder to the list" if name == MODELS_DIRS else ""
        yield "; ".join(filter(None, (f"`{name}` no longer contains {' and '.join(paths)}", restores, adds)))
    if origin not in ("default", user_file):
        yield f"`{name}` was changed in {user_file}, but it is set by {origin}, which overrides that file"


def saved_folders(config: Config) -> list[str]:
    """Return the folders of models in the user's settings file, as absolute paths. Raises: ConfigError."""
    return _paths(config, _written(config))


def is_listed_elsewhere(config: Config, folder: str) -> bool:
    """Return True if a variable, an option or a project's file, which override the user's settings, list a folder."""
    return bool(_overriding(config)) and folder in config.models_dirs


def missing_folders(config: Config) -> Iterator[str]:
    """Yield a warning for each folder in a setting that is not there, with where the setting comes from."""
    for name in [setting.name for setting in SETTINGS if setting.kind == "paths"]:
        for path in [path for path in getattr(config, name) if not os.path.isdir(path)]:
            what = "is not a folder" if os.path.exists(path) else "does not exist"
            yield visible(f"{path} {what}; `{name}` is set by {config.origins[name]}")


def _written(config: Config, name: str = MODELS_DIRS) -> list[str]:
    """Return the folders that a setting has in the user's settings file, as they are written there."""
    written = read_file(config.folders.user_file).get(name, [])
    return [written] if isinstance(written, str) else [*written]


def _paths(config: Config, written: Iterable[str]) -> list[str]:
    """Return absolute paths; relative ones start at the folder of the user's settings file."""
    return [absolute(text, os.path.dirname(config.folders.user_file)) for text in written]


def _overriding(config: Config) -> str:
    """Return what sets the folders instead of the user's settings file, or ""."""
    origin = config.origins[MODELS_DIRS]
    return "" if origin in ("default", config.folders.user_file) else origin
