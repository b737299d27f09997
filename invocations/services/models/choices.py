"""The kinds and families that the user has stated for certain models; they override what was recognized."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from invocations.foreign import FileState, ForeignData, file_state, json_data, read_bytes
from invocations.services.errors import SaveFailed

SCHEMA = "model-choices/1"

Choice = tuple[str, str]  # the kind and the family; "" for what is recognized
NONE: Choice = ("", "")

NEVER: FileState = (0, 0, 0)  # no file has been read


class ModelChoices:
    """The stated kinds and families, stored in one file by the absolute path of the model."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known: tuple[FileState, dict[str, Choice]] = NEVER, {}  # what the file in this state holds
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if another object or process has changed it; a damaged file counts as empty."""
        if self._path is None:
            return
        try:
            state = file_state(os.stat(self._path))
            if state != self._known[0]:
                self._known = state, _read(self._path)
        except (OSError, ForeignData):  # the file does not exist if nothing was stated
            self._known = NEVER, {}

    def of(self, model: Path) -> Choice:
        """Return what the user has stated about a model."""
        return self._known[1].get(os.path.abspath(model), NONE) if self._known[1] else NONE

    def state(self, model: Path, kind: str, family: str) -> None:
        """Remember the kind and the family of a model; two empty strings remove the entry.

        Raises: SaveFailed; a file that cannot be read is not replaced.
        """
        if self._path is None:
            self._known = NEVER, _with(self._known[1], model, kind, family)
            return
        from invocations.services.json_file import change_json  # imported here because most lines state nothing

        path = self._path
        change_json(path, lambda: _to_json(_with(_stored(path), model, kind, family)), indent=1)
        self.refresh()


def _with(choices: dict[str, Choice], model: Path, kind: str, family: str) -> dict[str, Choice]:
    """Return the choices with those for one model replaced, or removed if both are empty."""
    found = {path: choice for path, choice in choices.items() if path != os.path.abspath(model)}
    return {**found, os.path.abspath(model): (kind, family)} if kind or family else found


def _to_json(choices: dict[str, Choice]) -> dict[str, Any]:
    models = {path: {"kind": kind, "family": family} for path, (kind, family) in sorted(choices.items())}
    return {"schema": SCHEMA, "models": models}


def _stored(path: Path) -> dict[str, Choice]:
    """Return the entries of a file, none if it does not exist. Raises: SaveFailed, as the file may not be replaced."""
    try:
        return _read(path)
    except FileNotFoundError:
        return {}
    except (OSError, ForeignData) as error:
        why = str(error) if isinstance(error, ForeignData) else (error.strerror or str(error)).lower()
        hint = "repair or delete this file, which holds the kinds and families that you stated for models"
        raise SaveFailed(str(path), f"the existing file cannot be read: {why}", hint) from error


def _read(path: Path) -> dict[str, Choice]:
    """Return the entries of a file. Raises: OSError, ForeignData."""
    data = json_data(read_bytes(path))
    try:
        models: Any = data["models"]
        return {str(model): (str(one.get("kind", "")), str(one.get("family", ""))) for model, one in models.items()}
    except (LookupError, TypeError, AttributeError) as error:
        raise ForeignData("it does not hold kinds and families of models") from error


def undo_hint(path: Path, kind: str, family: str, reason: str = "") -> str:
    """Return how to undo the kind and the family that the user has stated for a model, or "" if none is stated.

    reason: of the refusal; what it says already is not repeated
    """
    import shlex  # imported here because few models are refused

    stated = {name: said for name, said in (("kind", kind), ("family", family)) if said}
    if not stated:
        return ""
    said = " and ".join([f"the {name} {each}" for name, each in stated.items()])
    undo = " ".join(["models info", shlex.quote(str(path)), *[f"--{name} auto" for name in stated]])
    return f"undo it: {undo}" if reason.startswith(f"you stated {said},") else f"you stated {said}; to undo it: {undo}"
