"""Remember the settings and the fingerprint of each model that was found, until one of its files changes.

A model that is remembered need not be read, and nothing of `core.models` has to be imported for it. The memo is a
cache: one that is damaged or that other code has written counts as empty, and one that cannot be written is ignored.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any, Final, NamedTuple

from core.file_states import states_of
from invocations.foreign import MALFORMED, read_bytes, stored_json
from invocations.services.errors import SaveFailed
from invocations.shared_property import shared_property

from .base import ModelSettings
from .choices import Choice, ModelChoices
from .code_state import code_state

MAX_MODELS: Final = 16  # maximum number of entries; beyond it, the one that was kept first is dropped


class Remembered(NamedTuple):
    """What is remembered about a model: its settings, and the fingerprint that identifies its content."""

    settings: ModelSettings
    fingerprint: str


class ModelMemo:
    """The models that are remembered, stored in one file. path: the file; None if nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path

    @shared_property
    def _entries(self) -> dict[str, Any]:
        """What is stored, by the key of each model."""
        return _read(self._path) if self._path is not None else {}

    def find(self, model: Path, name: str, choices: ModelChoices) -> Remembered | None:
        """Return what is remembered about the model at a path, or None if one of its files has changed since.

        name: the name that its card has, or "" for that of its file. choices: what the user states about models
        """
        if not self._entries:
            return None
        choices.refresh()
        entry = self._entries.get(_key(model, name, choices.of(model)))
        if entry is None or entry["states"] != str(states_of(entry["basis"])):
            return None
        settings = entry["settings"]
        found = ModelSettings(**{**settings, "latents": settings["latents"] and tuple(settings["latents"])})
        return Remembered(found, entry["fingerprint"])

    def keep(
        self, model: Path, name: str, stated: Choice, found: Remembered, *, basis: Sequence[str], states: str
    ) -> None:
        """Remember a model, also by the name that was found.

        basis: the paths whose states determine what was found. states: these states as a string, before it was read
        """
        if self._path is None:
            return
        from invocations.services.json_file import change_json  # imported here because few lines find a new model

        path = self._path
        settings = {each.name: getattr(found.settings, each.name) for each in fields(found.settings)}
        entry = {"basis": [*basis], "states": states, "settings": settings, "fingerprint": found.fingerprint}
        added = {_key(model, each, stated): entry for each in (name, found.settings.name)}
        self._entries.update(added)
        with suppress(SaveFailed):
            change_json(path, lambda: _to_json({**_read(path), **added}), durable=False)


def _key(model: Path, name: str, stated: Choice) -> str:
    return "\n".join([os.path.abspath(model), str(model), name, *stated])


def _to_json(entries: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(dict([*entries.items()][-MAX_MODELS:]))
    return {"check": _check(text), "models": text}


def _read(path: Path) -> dict[str, Any]:
    """Return the entries in a file; none if it does not exist, is damaged, or was written by other code."""
    try:
        data = stored_json(read_bytes(path))
        text: str = data["models"]
        found: dict[str, Any] = stored_json(text) if data["check"] == _check(text) else {}
        return found
    except (OSError, *MALFORMED):
        return {}


def _check(text: str) -> int:
    """Return a checksum that also changes with the code that derives the settings of models."""
    return zlib.crc32(text.encode(), code_state())
