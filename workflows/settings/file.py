"""Edit the user's settings file: set or remove a key without changing comments, order or formatting."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from invocations.foreign import ForeignData, toml_data
from workflows.problems import FileError

from .folders import written_atomically
from .resolve import DEFAULTS, MODEL_DEFAULTS, read_file
from .table import Size


def write_setting(path: str, name: str, value: Any) -> None:
    """Write the value of a setting to the file, or remove the setting if the value is None.

    Raises: ConfigError, FileError.
    """
    _change(path, (name,), str(value) if isinstance(value, Size) else value)


def write_default(path: str, name: str, text: str | None) -> None:
    """Write the default of an input to its table, or remove it if the value is None.

    name: `steps`, `t2i.steps`, or `steps@sd15` for one model
    Raises: ConfigError, FileError.
    """
    name, _, model = name.partition("@")
    _change(path, (MODEL_DEFAULTS, model, name) if model else (DEFAULTS, *name.split(".")), text)


def _change(path: str, keys: Sequence[str], value: Any) -> None:
    """Change one key; a lock makes concurrent processes wait, so that no change is lost."""
    from invocations.file_lock import locked  # imported here because most lines change no settings

    try:
        with locked(path):
            _write(path, _changed(path, keys, value))
    except OSError as error:
        hint = "make it writable, or choose another folder: see INVOKEAI_HOME in `help environment`"
        raise FileError(f"`{path}` cannot be written: {error.strerror}", hint) from error


def _changed(path: str, keys: Sequence[str], value: Any) -> str:
    """Return the text of the file with one key set, or removed if the value is None. Raises: ConfigError, FileError."""
    import tomlkit  # takes 20 ms, so it is imported only when a file is changed

    wanted = read_file(path)  # raises an error if the file is not valid TOML
    document = tomlkit.parse(_text_of(path))
    for data in (wanted, document):
        if value is None:
            _remove(data, keys)
        else:
            _check_tables(data, keys, path)
    if value is not None:
        value = list(value) if isinstance(value, tuple) else value
        _set(wanted, keys, value)
        _add(document, keys, value)
    text = tomlkit.dumps(document)
    if not _says(text, wanted):
        raise FileError(
            f"{path}: `{'.'.join(keys)}` cannot be changed because of the layout of the file", "edit it by hand"
        )
    return text


def _check_tables(data: Any, keys: Sequence[str], path: str) -> None:
    for key in keys[:-1]:
        data = data.get(key, {})
        if not isinstance(data, dict):
            raise FileError(f"{path}: `{key}` is both a value and a table", "fix the file by hand")


def _set(data: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    for key in keys[:-1]:
        data = data.setdefault(key, {})
    data[keys[-1]] = value


def _add(document: Any, keys: Sequence[str], value: Any) -> None:
    """Set a value in a TOML document; a missing `[defaults]` is added as a table, a missing `t2i` as a dotted key."""
    import tomlkit
    from tomlkit.items import Table

    table, *rest = document, *keys
    if len(rest) > 1 and rest[0] not in table:
        if table:
            table.add(tomlkit.nl())
        table.append(rest[0], tomlkit.table())
    while len(rest) > 1 and (rest[0] in table or not isinstance(table, Table)):
        table = table.setdefault(rest.pop(0), tomlkit.inline_table())
    if len(rest) > 1:
        table.append(tomlkit.key(rest), value)
    else:
        table[rest[0]] = value


def _remove(data: Any, keys: Sequence[str]) -> None:
    """Remove a key, and the inner tables that it leaves empty."""
    key, *rest = keys
    if not rest:
        data.pop(key, None)
    elif isinstance(inner := data.get(key), dict):
        _remove(inner, rest)
        if not inner and key not in (DEFAULTS, MODEL_DEFAULTS):
            del data[key]


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return _without_empty(toml_data(text)) == _without_empty(wanted)
    except ForeignData:
        return False


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    cleaned = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in data.items()}
    return {key: value for key, value in cleaned.items() if value != {}}


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _write(path: str, text: str) -> None:
    with written_atomically(path) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())  # a power cut leaves the old file or the new one
