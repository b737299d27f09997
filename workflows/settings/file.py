"""The user's settings file changed in place: one key set or taken out, comments and order kept, written atomically."""

from __future__ import annotations

import json
import re
from typing import Any

from workflows.problems import FileError

from .folders import written_atomically
from .resolve import read_file

DEFAULTS = "defaults"


def write_setting(path: str, name: str, value: Any) -> None:
    """Set a setting at the top of the file, or take it out with None. Raises: ConfigError, FileError."""
    _change(path, "", name, value)


def write_default(path: str, name: str, text: str | None) -> None:
    """Set an input's default in the `[defaults]` table, or take it out with None. Raises: ConfigError, FileError."""
    _change(path, DEFAULTS, name, text)


def _change(path: str, table: str, name: str, value: Any) -> None:
    wanted = read_file(path)
    holder = wanted.setdefault(table, {}) if table else wanted
    if not isinstance(holder, dict):
        wanted[table] = holder = {}
    keys = [name] if not table else name.split(".")
    for key in keys[:-1]:
        holder = holder.setdefault(key, {})
        if not isinstance(holder, dict):
            raise FileError(f"{path}: `{key}` is a value and a table at once", "mend the file by hand")
    holder.pop(keys[-1], None)
    if value is not None:
        holder[keys[-1]] = value
    wanted = _without_empty(wanted)
    text = _edited(_text_of(path), table, name, value)
    _write(path, text if _says(text, wanted) else _dumped(wanted))


def _edited(text: str, table: str, name: str, value: Any) -> str:
    """Return the text with one line replaced, added or removed; right for plain files, which the caller checks."""
    lines = text.splitlines()
    head = next((i for i, line in enumerate(lines) if line.strip() == f"[{table}]"), None) if table else -1
    if head is None:
        if value is None:
            return text
        lines += ([""] if lines else []) + [f"[{table}]"]
        head = len(lines) - 1
    end = next((i for i in range(head + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
    key = re.compile(rf"\s*{re.escape(name)}\s*=")
    at = next((i for i in range(head + 1, end) if key.match(lines[i])), None)
    new = [f"{name} = {_literal(value)}"] if value is not None else []
    if at is not None:
        lines[at : at + 1] = new
    else:
        while end > head + 1 and not lines[end - 1].strip():
            end -= 1
        lines[end:end] = new
    return "\n".join(lines) + "\n" if lines else ""


def _dumped(data: dict[str, Any], prefix: str = "") -> str:
    """Return the data as TOML; comments are lost, which is why this comes second."""
    plain = [f"{_key(key)} = {_literal(value)}" for key, value in data.items() if not isinstance(value, dict)]
    parts = [f"[{prefix}]"] if prefix and plain else []
    text = "\n".join(parts + plain) + ("\n" if plain else "")
    for key, value in data.items():
        if isinstance(value, dict):
            text += ("\n" if text else "") + _dumped(value, f"{prefix}.{_key(key)}" if prefix else _key(key))
    return text


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(_literal(item) for item in value)}]"
    # What JSON escapes, TOML's basic strings read alike; DEL is the one control character JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else repr(value)


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _literal(key)


def _says(text: str, wanted: dict[str, Any]) -> bool:
    import tomllib

    try:
        return _without_empty(tomllib.loads(text)) == wanted
    except tomllib.TOMLDecodeError:
        return False


def _without_empty(data: dict[str, Any]) -> dict[str, Any]:
    cleaned = {key: _without_empty(value) if isinstance(value, dict) else value for key, value in data.items()}
    return {key: value for key, value in cleaned.items() if value != {}}


def _text_of(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _write(path: str, text: str) -> None:
    try:
        with written_atomically(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise FileError(f"`{path}` cannot be written: {error.strerror}", None) from error
