"""All models in the user's folders, each with a unique name."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final

from invocations.frozen import frozen

from .base import BUILT_IN, UNUSABLE
from .installs import InstalledModel, extra_folders, installed_models
from .known import RecognizedModels
from .meant import meant, of_family, suggestion
from .names import MAX_LISTED, ambiguous, misplaced, names_of, qualified, unique_names

if TYPE_CHECKING:
    from core.errors import ModelError
    from core.models.recognized import Recognized
    from core.models.scan import ModelCandidate, Scan

SINGLE_FILE: Final = "safetensors"  # the container of a model in a single file
SETTLED_NS: Final = 50_000_000  # a folder that changed less than this before it was listed may have changed again


@frozen
class LibraryModel:
    """A model with its unique name.

    folder: the folder in which it was found. installed: InvokeAI's record of the model, if there is one.
    """

    name: str
    found: Recognized
    folder: str
    installed: InstalledModel | None = None


class ModelLibrary:
    """The built-in model, then the models in the user's folders, in the order of the folders."""

    def __init__(self, folders: Sequence[Path], known: RecognizedModels) -> None:
        self._folders = tuple(folders)
        self._known = known
        self._lock = RLock()
        self._models: tuple[LibraryModel, ...] = ()
        self._candidates: dict[Path, ModelCandidate] = {}  # what may be models in the user's folders
        self._built_in: Recognized | None = None  # it is not stored: most lines need no index
        self._by_name: dict[str, list[LibraryModel]] | None = None
        self._cut: tuple[str, ...] = ()
        self._listed: dict[str, int] | None = None  # the folders that were listed, with their times of change

    def models(self) -> tuple[LibraryModel, ...]:
        """Return all models; a file that has changed is recognized again."""
        with self._lock:
            self._list()
            return self._models

    def cut(self) -> dict[str, int]:
        """Return the folders that have too many entries, each with how many of them were searched."""
        from core.models.scan import MAX_ENTRIES

        with self._lock:
            self._list_changed()
            return dict.fromkeys(self._cut, MAX_ENTRIES)

    def find(self, name: str, kind: str = "model") -> LibraryModel | None:
        """Return the model with this name; models of this kind come before others with the same short name.

        Unusable models come last. A name with a folder, such as `ink@styles`, keeps its meaning if another folder of
        that name is added: it refers to the model in the folder of the user that comes first.
        The folders are listed again only if one of them has changed. Raises: ServiceError, if several models share it.
        """
        with self._lock:
            self._list_changed()
            found = self._names().get(name, []) or self._in_folders(name)
            exact = [each for each in found if each.name == name]
            usable = [each for each in found if not _is_unusable(each.found)]
            kinds = [[each for each in usable if each.found.identity.kind == wanted] for wanted in (kind, "model")]
            alike = next(filter(None, (exact, *kinds, usable, found)), [])
            first = [each for each in alike if each.folder == alike[0].folder] if qualified(name)[1] else alike
            if len(first) > 1:
                raise ambiguous(name, [each.name for each in alike])
            return first[0] if first else None

    def _in_folders(self, name: str) -> list[LibraryModel]:
        """Return the models that a name with several folders refers to, such as `ink@new/styles`."""
        base, folders = qualified(name)
        found = self._names().get(base, []) if folders else []
        return [each for each in found if each.found.path.parent.parts[-len(folders) :] == folders]

    def missing(self, wanted: str, kind: str, base: Path) -> ModelError:
        """Return the error for a name or a path at which there is nothing. base: where relative paths start."""
        from core.errors import ModelMissing
        from core.models.refusal import is_path, missing
        from core.models.unreadable import closed_above

        kinds = (kind, "model")
        known = [
            each.name for each in self.models() if each.found.identity.kind in kinds and not _is_unusable(each.found)
        ]
        like = self._like(wanted) or meant(wanted, known)
        hint = (of_family(wanted, self._families()) if kind == "model" else "") or suggestion(like)
        if kind == "vae" and not is_path(wanted) and closed_above(base / wanted) is None:
            return ModelMissing(wanted, self._folders, known, hint, kind="VAE")
        is_typo = os.path.isdir(base / wanted.split("/")[0])
        return missing(wanted, self._folders, known, hint=hint, is_typo=is_typo, base=base)

    def _families(self) -> list[tuple[str, str]]:
        """Return the family and the name of each model that can generate images now."""
        from core.models.refusal import can_run

        found = [(each.name, each.found) for each in completed(self.models())]
        return [
            (one.identity.family, name)
            for name, one in found
            if one.identity.kind == "model"
            and not one.identity.missing
            and can_run(one.identity, one.container) is None
        ]

    def _like(self, wanted: str) -> list[str]:
        """Return the names of models that a string names in the wrong place or form, as in `folder/NAME`."""
        with self._lock:
            for folder, name in misplaced(wanted):
                found = [each for each in self._names().get(name, []) if not _is_unusable(each.found)]
                inside = [each for each in found if folder and each.found.path.parent.name == folder]
                if found:
                    return [each.name for each in inside or found][:MAX_LISTED]
        return []

    def at(self, path: Path) -> LibraryModel | None:
        """Return the model at a path, or None if it is in none of the folders."""
        return next((each for each in self.models() if each.found.path == path), None)

    def lenders(self, path: Path) -> list[Recognized]:
        """Return the models that may lend a part to a file: those in the user's folders, and those beside the file.

        Each has its distance from the file: 0 in the same folder of the user, then the other folders in their order.
        The folders are listed again only if one of them has changed.
        """
        from core.models.companions import beside

        with self._lock:
            self._list_changed()
            candidates = {each.path: each for each in beside(path)} | self._candidates
        trees = sorted(map(_tree, self._folders), key=lambda tree: not _is_in(tree, path))
        found = self._known.recognized(list(candidates.values()))
        return [replace(each, distance=_distance(each.path, trees)) for each in found]

    def in_folder(self, folder: Path) -> tuple[tuple[LibraryModel, ...], tuple[Path, ...], bool]:
        """Return the models in a folder, the folders that were scanned, and whether everything in them was listed.

        Their names are unique among all models, as if the folder were one of the user's folders.
        """
        folders = (folder, *extra_folders(folder))
        with self._lock:
            scans = _scans([*self._every_folder(), *folders])
            inside = {path: scan for path, scan in scans.items() if path in folders}
            paths = {one.path for scan in inside.values() for one in scan.candidates}
            paths |= {each.path for scan in inside.values() for each in _unreadable(scan)}
            models = [each for each in self._named(scans, self._default()) if each.found.path in paths]
            return tuple(models), folders, all(scan.complete for scan in inside.values())

    def _every_folder(self) -> list[Path]:
        return [path for folder in self._folders for path in _tree(folder)]

    def _default(self) -> Recognized:
        """Return the built-in model."""
        from core.model_paths import DEFAULT, DEFAULT_PATH
        from core.models.scan import candidate_at

        self._built_in = self._built_in or self._known.opened(candidate_at(DEFAULT_PATH, DEFAULT))
        return self._built_in

    def _list_changed(self) -> None:
        """List the folders again if one of them has changed."""
        if self._listed is None or any(_changed(folder) != then for folder, then in self._listed.items()):
            self._list()

    def _list(self) -> None:
        began = time.time_ns()
        scans = _scans(self._every_folder())
        self._candidates = {one.path: one for scan in scans.values() for one in scan.candidates}
        self._models = self._named(scans, self._default())
        self._cut = tuple([str(folder) for folder, scan in scans.items() if scan.is_cut])
        listed = {path: then for scan in scans.values() for path, then in scan.folders}
        missing = {str(folder): 0 for folder in self._folders if str(folder) not in listed}
        is_settled = max(listed.values(), default=0) < began - SETTLED_NS
        self._listed = {**listed, **missing} if is_settled else None
        self._by_name = None

    def _names(self) -> dict[str, list[LibraryModel]]:
        """Return the models by all names that refer to them, including short ones; built on first use."""
        if self._by_name is None:
            self._by_name = {}
            for model in self._models:
                own = model.installed.name if model.installed else ""
                for name in dict.fromkeys((model.name, *names_of(own or model.found.name, model.found))):
                    self._by_name.setdefault(name, []).append(model)
        return self._by_name

    def _named(self, scans: dict[Path, Scan], built_in: Recognized | None = None) -> tuple[LibraryModel, ...]:
        """Return the models that were found, with unique names."""
        origin = {one.path: str(folder) for folder, scan in reversed(scans.items()) for one in scan.candidates}
        candidates = {one.path: one for scan in scans.values() for one in scan.candidates}
        found = self._known.recognized(list(candidates.values()), list(scans))
        closed = [(each, str(folder)) for folder, scan in scans.items() for each in _unreadable(scan)]
        records = {path: one for folder in scans for path, one in installed_models(folder).items()}
        rows = [(built_in, BUILT_IN)] if built_in else []
        rows += [(each, origin[each.path]) for each in found] + closed
        installed = [records.get(str(each.path)) for each, _ in rows]
        own = [(known.name if known else "") or each.name for (each, _), known in zip(rows, installed, strict=True)]
        models = [(name, each.identity.kind, each.path) for name, (each, _) in zip(own, rows, strict=True)]
        names = unique_names(models, {each.path for each, _ in rows if _is_unusable(each)})
        names = [built_in.name, *names[1:]] if built_in else names
        return tuple(
            [
                LibraryModel(name, each, folder, known)
                for name, (each, folder), known in zip(names, rows, installed, strict=True)
            ]
        )


def completed(models: Iterable[LibraryModel]) -> list[LibraryModel]:
    """Return the models; a part that a single file lacks no longer counts as missing if another model can lend it."""
    from core.models.companions import lendable
    from core.models.refusal import can_run

    every = list(models)
    owned = [each.found for each in every if each.folder != BUILT_IN]
    files = [each for each in owned if each.container == SINGLE_FILE and each.identity.missing]
    families = {each.identity.family for each in files if can_run(each.identity, each.container) is None}
    lent = {family: lendable(family, owned) for family in families}
    return [_without_lent(each, lent.get(each.found.identity.family, frozenset())) for each in every]


def _without_lent(model: LibraryModel, lent: frozenset[str]) -> LibraryModel:
    """Return a model in a single file without the missing parts that another model can lend."""
    found = model.found
    if not lent.intersection(found.identity.missing) or found.container != SINGLE_FILE:
        return model
    missing = tuple([part for part in found.identity.missing if part not in lent])
    return replace(model, found=replace(found, identity=replace(found.identity, missing=missing)))


def _tree(folder: Path) -> tuple[Path, ...]:
    """Return a folder of the user, with the folders that ComfyUI's settings add to it."""
    return (folder, *extra_folders(folder))


def _is_in(tree: Iterable[Path], path: Path) -> bool:
    return any(path.is_relative_to(folder) for folder in tree)


def _distance(path: Path, trees: Sequence[Sequence[Path]]) -> int:
    """Return the place of the first tree of folders that contains a path; 0 if none does, as it lies near the file."""
    return next((place for place, tree in enumerate(trees) if _is_in(tree, path)), 0)


def _is_unusable(found: Recognized) -> bool:
    from .states import state_of

    return state_of(found)[0] == UNUSABLE


def _scans(folders: Iterable[Path]) -> dict[Path, Scan]:
    """Scan each folder that exists."""
    from core.models.scan import scan

    return {folder: scan(folder) for folder in dict.fromkeys(folders) if os.path.isdir(folder)}


def _unreadable(scan: Scan) -> list[Recognized]:
    """Return the folders that cannot be listed, as models that cannot be used."""
    from core.models.recognized import Recognized

    return [
        Recognized(path, path.name, problem=f"it cannot be read: {reason}", code="model_unreadable")
        for path, reason in scan.unreadable
    ]


def _changed(folder: str) -> int:
    """Return when a folder was changed, in nanoseconds; 0 if it does not exist."""
    try:
        return os.stat(folder).st_mtime_ns
    except (OSError, ValueError):  # ValueError is raised if the name contains a null byte
        return 0
