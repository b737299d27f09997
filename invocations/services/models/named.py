"""The model service of a server: models are chosen by name, never by path."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from invocations.language.did_you_mean import did_you_mean
from invocations.services.allowed_folder import DRIVE
from invocations.services.errors import ServiceError
from invocations.values import ModelRef

from .base import ModelSettings
from .local import LocalModels

if TYPE_CHECKING:
    from core.models.card import ModelCard

BY_NAME: Final = "write the name of one of the models that the server lists"


class NamedModels(LocalModels):
    """Finds models in the configured folders by name; paths are accepted only in references made in this process."""

    def check(self, name_or_path: str) -> None:
        """Refuse a path, and a model that `find` would refuse. Raises: ServiceError."""
        refuse_path(name_or_path)
        super().check(name_or_path)

    def card(self, ref: ModelRef) -> ModelCard:
        """Return the model card of a model; the path in a reference counts only for a model that is listed."""
        return super().card(self._known_ref(ref))

    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return the default settings of a model; the path in a reference counts only for a model that is listed."""
        return super().settings(self._known_ref(ref))

    def _known_ref(self, ref: ModelRef) -> ModelRef:
        """Return a reference without an unknown path. Raises: ServiceError, if a part of the model is elsewhere."""
        folders = [each.found.path.parent for each in self._library.models()] if ref.parts else []
        for _, _, path in ref.parts or ():
            if not any(Path(os.path.normpath(path)).is_relative_to(folder) for folder in folders):
                refuse_path(os.path.abspath(path))
        if not ref.path or self._is_listed(Path(ref.path)):
            return ref
        return replace(ref, path="")

    def _is_listed(self, path: Path) -> bool:
        from core.model_paths import DEFAULT_PATH

        return path == DEFAULT_PATH or self._library.at(path) is not None

    def _place(self, name_or_path: str, kind: str = "model") -> tuple[Path, str]:
        from core.model_paths import DEFAULT, DEFAULT_PATH

        if name_or_path == DEFAULT:
            return DEFAULT_PATH, DEFAULT
        if is_path(name_or_path):
            path = Path(name_or_path)
            listed = self._library.at(path)
            if listed is not None or path == DEFAULT_PATH:
                return path, DEFAULT if listed is None else listed.name
            refuse_path(name_or_path)
        found = self._library.find(name_or_path, kind) if name_or_path else None
        if found is None:
            known = [each.name for each in self.list() if each.serves_as("vae" if kind == "vae" else "model")]
            what = "VAE or model" if kind == "vae" else "model"
            message = f"there is no {what} `{name_or_path}`" if name_or_path else f"an empty string names no {what}"
            hint = did_you_mean(name_or_path, known) or BY_NAME
            raise ServiceError(message, hint, code="model_missing", name=name_or_path)
        return found.found.path, found.name


def is_path(name: str) -> bool:
    """Return True if a string could be a path; the folders in a name such as `ink@new/styles` are none."""
    base, _, folders = name.rpartition("@")
    plain = base if base and not folders.startswith((".", "/", "~")) and ".." not in folders else name
    return any(each in plain for each in ("/", "\\", "\0")) or plain.startswith((".", "~")) or bool(DRIVE.match(plain))


def refuse_path(name: str) -> None:
    """Refuse a path in place of the name of a model. Raises: ServiceError."""
    if is_path(name):
        shown = "".join(each if each.isprintable() else "?" for each in name)
        message = f"`{shown}` is a path, but a server knows models only by their names"
        raise ServiceError(message, BY_NAME, code="path_refused", name=name)
