"""The kinds and families that the user has stated for certain models; they override what was recognized."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from invocations.foreign import ForeignData, json_data, read_bytes
from invocations.services.errors import SaveFailed
from invocations.services.folders import make_folder

SCHEMA = "model-choices/1"

Choice = tuple[str, str]  # the kind and the family; "" for what is recognized
NONE: Choice = ("", "")


class ModelChoices:
    """The stated kinds and families, stored in one file by the absolute path of the model."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._read: dict[str, Choice] = {}
        self._changed = 0  # when the file was changed that was read last, in nanoseconds
        self.refresh()

    def refresh(self) -> None:
        """Read the file again if another object or process has changed it."""
        try:
            changed = os.stat(self._path).st_mtime_ns if self._path else 0
        except OSError:  # nothing was stated yet
            return
        if self._path and changed != self._changed:
            self._read, self._changed = _read(self._path), changed

    def of(self, model: Path) -> Choice:
        """Return what the user has stated about a model."""
        return self._read.get(os.path.abspath(model), NONE) if self._read else NONE

    def state(self, model: Path, kind: str, family: str) -> None:
        """Remember the kind and the family of a model; two empty strings remove the entry. Raises: SaveFailed."""
        self.refresh()
        found = {path: choice for path, choice in self._read.items() if path != os.path.abspath(model)}
        if kind or family:
            found[os.path.abspath(model)] = (kind, family)
        self._write(found)
        self._read = found

    def _write(self, choices: dict[str, Choice]) -> None:
        if self._path is None:
            return
        make_folder(self._path.parent)
        models = {path: {"kind": kind, "family": family} for path, (kind, family) in sorted(choices.items())}
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.part")
        try:
            temporary.write_text(json.dumps({"schema": SCHEMA, "models": models}, indent=1), "utf-8")
            temporary.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise SaveFailed(str(self._path), (error.strerror or str(error)).lower()) from error


def _read(path: Path) -> dict[str, Choice]:
    """Return the entries of a file, or an empty mapping if it cannot be read."""
    try:
        models: Any = json_data(read_bytes(path))["models"]
        return {str(model): (str(one.get("kind", "")), str(one.get("family", ""))) for model, one in models.items()}
    except (OSError, ForeignData, LookupError, TypeError, AttributeError):
        return {}


@contextmanager
def undo_hint(path: Path, kind: str, family: str) -> Iterator[None]:
    """Add to the error for an unsupported model how to undo the kind and family that the user has stated for it."""
    from core.errors import ModelUnsupported

    try:
        yield
    except ModelUnsupported as error:
        stated = {name: said for name, said in (("kind", kind), ("family", family)) if said}
        if stated:
            said = " and ".join([f"the {name} {each}" for name, each in stated.items()])
            undo = " ".join(["models info", shlex.quote(str(path)), *[f"--{name} auto" for name in stated]])
            error.hint = f"you stated {said}; to undo it: {undo}"
        raise
