"""The model service of a server: models are chosen by name, never by path."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from invocations.language.did_you_mean import did_you_mean
from invocations.services.allowed_folder import DRIVE
from invocations.services.errors import ServiceError

from .local import LocalModels

BY_NAME: Final = "write the name of one of the models that the server lists"


class NamedModels(LocalModels):
    """Finds models in the configured folders by name; paths are accepted only in references made in this process."""

    def check(self, name_or_path: str) -> None:
        """Refuse a path, and a model that `find` would refuse. Raises: ServiceError."""
        refuse_path(name_or_path)
        super().check(name_or_path)

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
