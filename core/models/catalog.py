"""Find the built-in model and the models in the user's folders. Does not import torch."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from core.errors import ModelMissing
from core.foreign import read_text

from .card import ModelCard
from .cards import card_of

DEFAULT = "default"
MAX_REF_BYTES = 1000
REVISION = re.compile(r"[\w.-]+", re.ASCII)  # the name of a revision is a hash, never a path
DEFAULT_PATH = Path(__file__).parent / "default"


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
        if (DEFAULT_PATH / "model_index.json").is_file():
            found[DEFAULT] = DEFAULT_PATH
        for folder in self.folders:
            for name, path in _models_in(folder):
                found.setdefault(name, path)
        return found

    def names(self) -> tuple[str, ...]:
        """Return the names of all models, the built-in model first."""
        return tuple(self.paths())

    def find(self, name_or_path: str | Path) -> ModelCard:
        """Return the card of the model with this name, or of the model folder at this path.

        Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
        """
        known = self.paths()
        wanted = str(name_or_path)
        if wanted in known:
            return card_of(known[wanted], name=wanted)
        path = Path(self.base, os.path.expanduser(wanted))  # Path.expanduser would raise for an unknown user
        if os.path.exists(path):  # Path.exists would raise for a name that is too long
            snapshot = _snapshot(path)
            return card_of(snapshot, name=_hub_name(path)) if snapshot else card_of(path)
        raise ModelMissing(wanted, (DEFAULT_PATH.parent, *self.folders), tuple(known))


def _models_in(folder: Path) -> list[tuple[str, Path]]:
    """Return the models in a folder, by name: its subfolders, or the snapshots in a Hugging Face cache."""
    try:
        children = sorted(folder.iterdir())
    except (OSError, ValueError):  # ValueError is raised if the name contains a null byte
        return []
    models = []
    for child in children:
        snapshot = _snapshot(child)
        if snapshot is not None:
            models.append((_hub_name(child), snapshot))
        elif os.path.isfile(child / "model_index.json"):
            models.append((child.name, child))
    return models


def _snapshot(path: Path) -> Path | None:
    """Return the snapshot in a cache folder `models--org--name`: the main branch's snapshot, else the newest one."""
    if not path.name.startswith("models--") or not (path / "snapshots").is_dir():
        return None
    main = _main_branch(path)
    if main and os.path.isfile(path / "snapshots" / main / "model_index.json"):
        return path / "snapshots" / main
    try:
        snapshots = [one for one in (path / "snapshots").iterdir() if (one / "model_index.json").is_file()]
    except OSError:
        return None
    return max(snapshots, key=lambda one: one.stat().st_mtime, default=None)


def _main_branch(path: Path) -> str:
    """Return the name of the snapshot in a cache folder's `refs/main`, or ""."""
    try:
        name = read_text(path / "refs" / "main", limit=MAX_REF_BYTES).strip()
    except (OSError, ValueError):
        return ""
    return name if REVISION.fullmatch(name) else ""


def _hub_name(path: Path) -> str:
    return path.name.removeprefix("models--").replace("--", "/")
