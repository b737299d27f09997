"""Find the built-in model and the models in the user's folders. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError, ModelMissing, ModelUnsupported
from core.model_paths import DEFAULT, DEFAULT_PATH, path_of

from .card import ModelCard
from .cards import card_of, card_of_file
from .hub_cache import PREFIX, hub_name, snapshot_of

if TYPE_CHECKING:
    from .recognized import Owned

INDEX = "model_index.json"


class ModelCatalog:
    """Finds models in folders; if names clash, the earlier folder wins. New models are found without a restart.

    base: the folder against which relative model paths are resolved (default: the current folder).
    """

    def __init__(self, folders: Sequence[Path] = (), *, base: Path = Path()) -> None:
        self.folders = tuple(Path(folder) for folder in folders)
        self.base = base

    def paths(self) -> dict[str, Path]:
        """Return the folder of every model by name, the built-in model first."""
        found: dict[str, Path] = {}
        if os.path.isfile(DEFAULT_PATH / INDEX):
            found[DEFAULT] = DEFAULT_PATH
        for folder in self.folders:
            for name, path in _models_in(folder):
                found.setdefault(name, path)
        return found

    def names(self) -> tuple[str, ...]:
        """Return the names of all models, the built-in model first."""
        return tuple(self.paths())

    def find(self, name_or_path: str | Path) -> ModelCard:
        """Return the card of the model with this name, or of the model at this path.

        Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
        """
        wanted = str(name_or_path)
        known = {} if wanted == DEFAULT else self.paths()
        if wanted == DEFAULT or wanted in known:
            return card_at(known.get(wanted, DEFAULT_PATH), name=wanted)
        path = path_of(wanted, self.base, self.folders)
        if path is None:
            raise ModelMissing(wanted, (DEFAULT_PATH.parent, *self.folders), tuple(known))
        return card_at(path)


def card_at(path: Path, *, name: str = "", kind: str = "", family: str = "", owned: Owned = tuple) -> ModelCard:
    """Return the card of the model at a path. kind and family: as the user states them.

    owned: returns the models that may lend parts that a single file lacks.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported: what it is, and what to do with it.
    """
    snapshot = snapshot_of(path, having=INDEX) if path.name.startswith(PREFIX) else None
    name = name or (hub_name(path) if snapshot else "")
    path = snapshot or path
    if os.path.isfile(path):
        return card_of_file(path, name=name, kind=kind, family=family, owned=owned)
    if kind in ("", "model") and os.path.isfile(path / INDEX):
        try:
            return card_of(path, name=name)
        except ModelUnsupported as error:
            raise _refusal(path, name, family=family, otherwise=error) from error
    raise _refusal(path, name, kind=kind, family=family)


def _refusal(
    path: Path, name: str, *, kind: str = "", family: str = "", otherwise: ModelUnsupported | None = None
) -> ModelError:
    """Return the error that says what a path is; a model that can run has the other error."""
    from .recognize import recognize  # imported here because most lines refuse no model
    from .refusal import can_run, refusal
    from .scan import candidate_at

    found = recognize(candidate_at(path, name), kind=kind, family=family)
    return otherwise if otherwise and can_run(found.identity, found.container) is None else refusal(found)


def _models_in(folder: Path) -> list[tuple[str, Path]]:
    """Return the models in a folder, by name: its subfolders, or the snapshots in a Hugging Face cache."""
    try:
        children = sorted(folder.iterdir())
    except (OSError, ValueError):  # ValueError is raised if the name contains a null byte
        return []
    models = []
    for child in children:
        snapshot = snapshot_of(child, having=INDEX)
        if snapshot is not None:
            models.append((hub_name(child), snapshot))
        elif os.path.isfile(child / INDEX):
            models.append((child.name, child))
    return models
