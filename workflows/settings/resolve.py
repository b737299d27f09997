"""Flags > environment > project file > user file > defaults -> one frozen Config that knows each value's origin."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from invocations.language.did_you_mean import did_you_mean
from invokeai_cli.environment import Environment
from workflows.problems import ConfigError

from .folders import Folders, find_folders
from .table import BY_NAME, SETTINGS, NotAValue, Setting, absolute, from_data, from_text

PROJECT_FILE = "invokeai.toml"
LARGEST_FILE = 1_000_000  # bytes: beyond it a settings file is something else


@dataclass(frozen=True, slots=True)
class Config:
    """All that is settled before a line is read."""

    folders: Folders
    device: str
    dtype: str
    output_dir: str
    template: str
    max_megapixels: int
    models_dirs: tuple[str, ...]
    nodes_dirs: tuple[str, ...]
    cache: bool
    cache_gigabytes: int
    keep_going: bool
    color: str
    preview: str
    theme: str
    accessible: bool
    warm_up: bool
    defaults: Mapping[str, str] = field(default_factory=dict)  # input, or command.input -> its text
    forced: Mapping[str, str] = field(default_factory=dict)  # the same from `--set`: stronger than a script's `set`
    origins: Mapping[str, str] = field(default_factory=dict)  # of settings, and of defaults as "defaults.NAME"


def resolve(environment: Environment, flags: Mapping[str, tuple[str, Any]], forced: Mapping[str, str]) -> Config:
    """Settle every setting; `flags` maps a setting to (the flag as written, its text). Raises: ConfigError."""
    folders = find_folders(environment)
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    defaults: dict[str, str] = {}
    for setting in SETTINGS:
        is_path = setting.kind == "path"
        values[setting.name] = absolute(setting.default, environment.folder) if is_path else setting.default
        origins[setting.name] = "default"
    for path_of_file, is_project in ((folders.user_file, False), (find_project_file(environment, folders), True)):
        if path_of_file:
            _take_file(path_of_file, is_project, values, origins, defaults)
    for setting in SETTINGS:
        if text := environment.variable(setting.variable):
            values[setting.name] = _from_text(setting, text, environment.folder, setting.variable)
            origins[setting.name] = setting.variable
    for name, (flag, text) in flags.items():
        values[name] = text if isinstance(text, bool) else _from_text(BY_NAME[name], text, environment.folder, flag)
        origins[name] = flag
    return Config(folders=folders, **values, defaults=defaults, forced=dict(forced), origins=origins)


def find_project_file(environment: Environment, folders: Folders) -> str:
    """Return the nearest `invokeai.toml` at or above the current folder, "" where there is none."""
    folder = environment.folder
    while True:
        path = os.path.join(folder, PROJECT_FILE)
        if os.path.isfile(path):
            return path
        above = os.path.dirname(folder)
        if above == folder or folder == environment.home:
            return ""
        folder = above


def read_file(path: str) -> dict[str, Any]:
    """Return what a settings file holds, {} where there is none. Raises: ConfigError."""
    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "mend it or move it away") from error
    import tomllib  # only where there is a file

    try:
        if len(raw) > LARGEST_FILE:
            raise ValueError("the file is too large for a settings file")
        return tomllib.loads(raw.decode())
    except ValueError as error:
        raise ConfigError(f"{path}: {error}", 'the file is written in TOML, as `name = "value"`') from error


def _take_file(
    path: str, is_project: bool, values: dict[str, Any], origins: dict[str, str], defaults: dict[str, str]
) -> None:
    for name, data in read_file(path).items():
        if name == "defaults" and isinstance(data, dict):
            for key, text in default_texts(data, path).items():
                defaults[key] = text
                origins[f"defaults.{key}"] = path
            continue
        setting = BY_NAME.get(name)
        if setting is None:
            hint = did_you_mean(name, (*BY_NAME, "defaults"), f"the settings are {', '.join(BY_NAME)}")
            raise ConfigError(f"{path}: there is no setting `{name}`", hint)
        if is_project and not setting.project:
            raise ConfigError(
                f"{path}: `{name}` cannot stand in a project's file, because nodes are programs",
                "put it into your own file: see `invokeai config path`",
            )
        try:
            values[name] = from_data(setting, data, os.path.dirname(path))
        except NotAValue as error:
            raise ConfigError(f"{path}: `{name}` {error}", setting.description) from error
        origins[name] = path


def default_texts(table: Mapping[str, Any], path: str) -> dict[str, str]:
    """Return the `[defaults]` table as texts by input or command.input. Raises: ConfigError."""
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
            raise ConfigError(f"{path}: the default of `{name}` is neither a text, a number nor a list", None)
    return found


def _from_text(setting: Setting, text: str, folder: str, origin: str) -> Any:
    try:
        return from_text(setting, text, folder)
    except NotAValue as error:
        raise ConfigError(f"{origin} {error}, not `{text}`", setting.description) from error
