"""What other programs know about the models in their folders: InvokeAI's database, ComfyUI's list of extra folders.

Sources: InvokeAI app/services/model_records/model_records_sql.py (table `models`, JSON in `config`) and
backend/model_manager/configs; ComfyUI utils/extra_config.py and extra_model_paths.yaml.example.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Final

from invocations.foreign import MALFORMED, ForeignData, json_data, read_text
from invocations.foreign_yaml import MAX_YAML_BYTES, yaml_data
from invocations.frozen import frozen

DATABASE: Final = "databases/invokeai.db"
EXTRA_PATHS: Final = "extra_model_paths.yaml"
MAX_MODELS: Final = 20_000  # maximum number of models that are read from a database
MAX_WORDS: Final = 50  # maximum number of trigger words of a model
MAX_CHARACTERS: Final = 500
NOT_FOLDERS: Final = ("base_path", "is_default", "custom_nodes", "configs")
DEFAULTS: Final = ("steps", "cfg_scale", "width", "height", "scheduler", "vae", "weight")


@frozen
class InstalledModel:
    """InvokeAI's record of a model. defaults: default settings under InvokeAI's names."""

    name: str
    trigger_words: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)


def installed_models(folder: Path) -> dict[str, InstalledModel]:
    """Return InvokeAI's models by absolute path, if a folder is InvokeAI's root or its folder `models`."""
    for root in (folder, folder.parent):
        if os.path.isfile(root / DATABASE):
            return dict(_recorded(root))
    return {}


def extra_folders(folder: Path) -> list[Path]:
    """Return the folders that ComfyUI's `extra_model_paths.yaml` adds, if a folder is ComfyUI's root or `models`."""
    listed = next((root / EXTRA_PATHS for root in (folder, folder.parent) if os.path.isfile(root / EXTRA_PATHS)), None)
    if listed is None:
        return []
    found = [path for section in _sections(listed) for path in _paths(section, listed.parent)]
    return [path for path in dict.fromkeys(found) if os.path.isdir(path)]


def _recorded(root: Path) -> Iterator[tuple[str, InstalledModel]]:
    for text in _configs(root / DATABASE):
        try:
            config = json_data(text)
            path = os.path.normpath(root / "models" / str(config["path"]))
            yield path, _installed(config)
        except MALFORMED:
            continue


def _configs(database: Path) -> list[str]:
    """Return the JSON records in InvokeAI's database, without locking it or writing to it."""
    import sqlite3  # imported here because few folders have such a database

    uri = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True)
        try:
            rows = connection.execute("select config from models").fetchmany(MAX_MODELS)
        finally:
            connection.close()
    except (sqlite3.Error, UnicodeDecodeError):
        return []
    return [row[0] for row in rows if isinstance(row[0], str)]


def _installed(config: Mapping[str, Any]) -> InstalledModel:
    phrases, settings = config.get("trigger_phrases"), config.get("default_settings")
    words = [text for one in phrases[:MAX_WORDS] if (text := _line(one))] if isinstance(phrases, list) else []
    known = settings if isinstance(settings, dict) else {}
    defaults = {name: known[name] for name in DEFAULTS if isinstance(known.get(name), (str, int, float))}
    return InstalledModel(_line(config.get("name")), tuple(words), defaults)


def _line(value: object) -> str:
    """Return a string as one line without control characters, cut if it is long."""
    text = value if isinstance(value, str) else ""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:MAX_CHARACTERS]


def _sections(path: Path) -> Iterable[Mapping[str, Any]]:
    try:
        data = yaml_data(read_text(path, limit=MAX_YAML_BYTES))
    except (OSError, ForeignData):
        return []
    return [section for section in data.values() if isinstance(section, dict)] if isinstance(data, dict) else []


def _paths(section: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """Yield the folders in a section, resolved against its base path, which is itself relative to `folder`."""
    base = section.get("base_path")
    root = Path(folder, _expanded(base) if isinstance(base, str) else "")
    for name, lines in section.items():
        if name not in NOT_FOLDERS and isinstance(lines, str):
            yield from (Path(root, _expanded(line.strip())) for line in lines.splitlines() if line.strip())


def _expanded(path: str) -> str:
    return os.path.expandvars(os.path.expanduser(path))
