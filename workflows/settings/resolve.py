"""Resolve the settings to one `Config`, which records where each value comes from.

Options override environment variables, which override the project's file, which overrides the user's file, which
overrides the defaults.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from workflows.problems import ConfigError

from .folders import Folders, find_folders
from .place import Place
from .table import BY_NAME, PREFIX, SETTINGS, InvalidValue, Setting, Size, absolute, from_data, from_text

PROJECT_FILE = "invokeai.toml"
DEFAULTS = "defaults"  # the table of defaults in a settings file
MODEL_DEFAULTS = "model_defaults"  # the table of defaults for single models, with a table for each model
MAX_FILE_BYTES = 2**20
TOML_HINT = 'settings files are in TOML: `name = "value"`'


@frozen
class Config:
    """The settings in effect.

    defaults: the defaults of inputs, by `input`, `command.input` or `input@model`, as written
    forced: the defaults from `--set`, which override a script's `set`
    origins: where each setting comes from, by name; for defaults, by "defaults.NAME"
    """

    folders: Folders
    device: str
    dtype: str
    batch: str
    jobs: str
    engine: str
    server: str
    ram_limit: Size | str
    vram_limit: Size | str
    idle_unload: str
    output_dir: str
    template: str
    max_megapixels: int
    png_compression: int
    models_dirs: tuple[str, ...]
    nodes_dirs: tuple[str, ...]
    wildcards_dirs: tuple[str, ...]
    cache: bool
    cache_gigabytes: int
    disk_limit: Size | str
    max_items: int
    keep_going: bool
    color: str
    preview: str
    theme: str
    accessible: bool
    warm_up: bool
    defaults: Mapping[str, str] = field(default_factory=dict)
    forced: Mapping[str, str] = field(default_factory=dict)
    origins: Mapping[str, str] = field(default_factory=dict)


def resolve(place: Place, flags: Mapping[str, tuple[str, Any]], forced: Mapping[str, str]) -> Config:
    """Return the settings in effect. Raises: ConfigError.

    place: where the program was started
    flags: maps a setting to its option as written and the value of the option
    forced: the defaults of inputs from `--set`
    """
    folders = find_folders(place)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for setting in SETTINGS:
        is_path = setting.kind == "path"
        values[setting.name] = absolute(setting.default, place.folder) if is_path else setting.default
        origins[setting.name] = "default"
    for path_of_file, is_project in ((folders.user_file, False), (find_project_file(place, folders), True)):
        if path_of_file:
            _take_file(path_of_file, is_project, values, origins, defaults)
    for variable, text in place.variables.items():
        found = BY_NAME.get(variable.removeprefix(PREFIX).lower()) if variable.startswith(PREFIX) and text else None
        if found is not None and found.variable == variable:
            values[found.name] = _parse(found, text, place.folder, variable)
            origins[found.name] = variable
    for name, (flag, text) in flags.items():
        values[name] = text if isinstance(text, bool) else _parse(BY_NAME[name], text, place.folder, flag)
        origins[name] = flag
    return Config(folders=folders, **values, defaults=defaults, forced=dict(forced), origins=origins)


def find_project_file(place: Place, folders: Folders) -> str:
    """Return the nearest `invokeai.toml` in the working folder or a folder above it, or "" if there is none."""
    folder = place.folder
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder or folder == place.home:
            return ""
        folder = above


def read_file(path: str) -> dict[str, Any]:
    """Return the content of a settings file, or {} if it does not exist. Raises: ConfigError."""
    if not _exists(path):
        return {}
    from invocations.foreign import ForeignData, read_bytes, toml_data  # imported only if there is a file to read

    try:
        return toml_data(read_bytes(path, limit=MAX_FILE_BYTES))
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}", "check its permissions, or move the file away"
        ) from error
    except ForeignData as error:
        raise ConfigError(f"{path}: it {error}", TOML_HINT) from error


def _exists(path: str) -> bool:
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError):
        return True  # the error is reported when the file is read
    return True


def _take_file(
    path: str, is_project: bool, values: dict[str, Any], origins: dict[str, str], defaults: dict[str, str]
) -> None:
    for name, data in read_file(path).items():
        if name in (DEFAULTS, MODEL_DEFAULTS) and isinstance(data, dict):
            found = default_texts(data, path) if name == DEFAULTS else model_default_texts(data, path)
            defaults |= found
            origins |= {f"{DEFAULTS}.{key}": path for key in found}
            continue
        setting = BY_NAME.get(name)
        if setting is None:
            hint = did_you_mean(name, (*BY_NAME, DEFAULTS, MODEL_DEFAULTS), f"the settings are {', '.join(BY_NAME)}")
            raise ConfigError(f"{path}: there is no setting `{name}`", hint)
        if is_project and not setting.project:
            raise ConfigError(
                f"{path}: `{name}` is not allowed in a project file, because nodes run code",
                "put it into your own settings file: see `invokeai config path`",
            )
        try:
            values[name] = from_data(setting, data, os.path.dirname(path))
        except InvalidValue as error:
            raise ConfigError(f"{path}: `{name}` {error}", setting.purpose) from error
        origins[name] = path


def default_texts(table: Mapping[str, Any], path: str) -> dict[str, str]:
    """Return the values in a `[defaults]` table as strings, by `input` or `command.input`. Raises: ConfigError."""
    found: dict[str, str] = {}
    for name, data in table.items():
        if isinstance(data, dict):
            found |= {f"{name}.{key}": text for key, text in default_texts(data, path).items()}
        elif isinstance(data, bool):
            found[name] = "true" if data else "false"
        elif isinstance(data, (str, int, float)):
            found[name] = str(data)
        elif isinstance(data, list) and all(isinstance(item, (str, int, float)) for item in data):
            found[name] = ",".join(str(item) for item in data)
        else:
            raise ConfigError(f"{path}: the default of `{name}` must be a string, a number or a list", None)
    return found


def model_default_texts(tables: Mapping[str, Any], path: str) -> dict[str, str]:
    """Return the values in a `[model_defaults]` table as strings, by `input@model`. Raises: ConfigError."""
    found: dict[str, str] = {}
    for model, table in tables.items():
        if not isinstance(table, dict):
            hint = "the table of a model contains its defaults: `sd15.steps = 30`"
            raise ConfigError(f"{path}: `{MODEL_DEFAULTS}.{model}` must be a table", hint)
        texts = default_texts(table, path)
        if inner := next((name for name in texts if "." in name), None):
            hint = 'put a model name that contains a dot in quotes: `"sd1.5".steps = 30`'
            raise ConfigError(f"{path}: `{MODEL_DEFAULTS}.{model}.{inner}` is not an input of a model", hint)
        found |= {f"{name}@{model}": text for name, text in texts.items()}
    return found


def _parse(setting: Setting, text: str, folder: str, origin: str) -> Any:
    try:
        return from_text(setting, text, folder)
    except InvalidValue as error:
        named = f"`{origin}`" if origin.startswith("-") else origin
        raise ConfigError(f"{named} {error}, not `{text}`", setting.purpose) from error
