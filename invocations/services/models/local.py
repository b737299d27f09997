"""Find models on this machine: the built-in one and those in the user's folders. Loads neither weights nor torch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from invocations.errors import InvocationError
from invocations.foreign import MALFORMED, json_data, read_bytes
from invocations.services.errors import check_named, model_changed
from invocations.services.translate_errors import translated
from invocations.shared_property import shared_property
from invocations.values import ModelRef

from .base import NO_SIZE, Latents, MemoryFit, ModelDetails, ModelInfo, ModelService, ModelSettings, ScannedFolder
from .choices import ModelChoices
from .describe import details_of, infos_of, settings_of
from .fingerprints import Fingerprints, state_of
from .memo import ModelMemo
from .reader import ModelReader
from .vaes import VAE, card_with, exchanged, source_at

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from core.models.part import PartSource
    from invocations.cache.keys import Digests

    from .fit import Fits
    from .known import RecognizedModels
    from .library import ModelLibrary
    from .runs import ModelRuns


CHOICES: Final = "choices.json"
MEMO: Final = "memo.json"
AUTO: Final = "auto"


class LocalModels(ModelService):
    """Finds models by name or path; fingerprints are cached until the files change.

    base: the folder that relative paths are resolved against (default: the current folder). store: the folder for
    the index and for what the user states about models (default: nothing is stored).
    fits: returns what compares the needs of models with free memory (default: they are not compared)
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        digests: Digests | None = None,
        base: Path = Path(),
        store: Path | None = None,
        fits: Callable[[], Fits] | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._base = base
        self._make_fits = fits
        self._fingerprints = Fingerprints(digests)
        self._choices = ModelChoices(store / CHOICES if store else None)
        memo = ModelMemo(store / MEMO if store else None)
        self._reader = ModelReader(self._choices, self._fingerprints, memo, lambda path: self._library.lenders(path))
        self._store = store

    @shared_property
    def _fits(self) -> Fits | None:
        return self._make_fits() if self._make_fits else None

    @shared_property
    def _known(self) -> RecognizedModels:
        """What the files on this machine are. It is imported on first use: the default model is found without it."""
        from .known import RecognizedModels

        return RecognizedModels(self._choices, self._store)

    @shared_property
    def _library(self) -> ModelLibrary:
        from .library import ModelLibrary

        return ModelLibrary(self._folders, self._known)

    def find(self, name_or_path: str) -> ModelRef:
        """Return the model with this name or in this folder. Raises: ServiceError."""
        with translated():
            return self._reader.ref(*self._place(name_or_path))

    def find_vae(self, name_or_path: str) -> ModelRef:
        """Return the VAE with this name or path, or that of a model. Raises: ServiceError."""
        source, name = self._vae(name_or_path)
        with translated():
            return ModelRef(self._fingerprints.of_part(source), name, str(source.path))

    def latents_of_vae(self, name_or_path: str) -> Latents:
        """Return the form of the latents of a VAE, without reading weights. Raises: ServiceError."""
        from core.models.swap import latents_of

        with translated():
            return latents_of(self._vae(name_or_path)[0])

    def with_vae(self, ref: ModelRef, vae: ModelRef) -> ModelRef:
        """Return a model with another VAE. Raises: ServiceError, if it does not suit the model."""
        own = self.find(ref.path or ref.model).name if ref.parts else ref.name
        made = exchanged(ref, own, vae)
        self.card(made)
        return made

    def _vae(self, name_or_path: str) -> tuple[PartSource, str]:
        """Return where a VAE lies, and its name. Raises: ServiceError."""
        with translated():
            path, name = self._place(name_or_path, VAE)
            return source_at(path), name or path.name

    def check(self, name_or_path: str) -> None:
        """Refuse a model that `find` would refuse, without computing its fingerprint. Raises: ServiceError."""
        self.settings_of(name_or_path)

    def settings_of(self, name_or_path: str) -> ModelSettings:
        """Return the default settings of the model with this name or in this folder. Raises: ServiceError."""
        with translated():
            return self._reader.settings(*self._place(name_or_path))

    def card(self, ref: ModelRef) -> ModelCard:
        """Return the model card that the core creates for a model; one that was moved is found by its name.

        Raises: ServiceError.
        """
        with translated():
            is_there = ref.path and os.path.exists(ref.path)
            card = self._reader.card(*((Path(ref.path), ref.model) if is_there else self._place(ref.model)))
            return card_with(card, ref.parts) if ref.parts else card

    def usable_card(self, ref: ModelRef, size: tuple[int, int] = NO_SIZE) -> ModelCard:
        """Return the card of a model that can fit into memory, for images of a size.

        Its files must not have changed since it was chosen: results are cached for what it was. Raises: ServiceError.
        """
        card = self.card(ref)
        with translated():
            state = state_of(card)
            if self._fits is not None:
                self._fits.check(card, state, size)
            others = [name for name, _, _ in ref.parts or ()]
            if ref.name and self._fingerprints.of(card, others, state=state) != ref.name:
                raise model_changed(ref.model)
        return card

    def fits(self, name_or_path: str, size: tuple[int, int] | None = None) -> MemoryFit | None:
        """Return whether a model fits into memory, for images of its own size or another one; None if not known.

        Raises: ServiceError.
        """
        if self._fits is None:
            return None
        with translated():
            card = self._named_card(name_or_path)
            return self._fits.of(card, state_of(card), size or (card.width, card.height))

    @shared_property
    def runs(self) -> ModelRuns:
        """What runs with models have taken."""
        from .runs import ModelRuns

        return ModelRuns(self.card, self._fits)

    def largest_batch(
        self, ref: ModelRef, size: tuple[int, int], node: str, *, wanted: int = 0, free: int | None = None
    ) -> int:
        """Return how many images of a size a node can make at once, 1 if not known. Raises: ServiceError."""
        return self.runs.largest_batch(ref, size, node, wanted=wanted, free=free)

    def ran_out(self, ref: ModelRef, size: tuple[int, int], node: str, batch: int) -> None:
        self.runs.ran_out(ref, size, node, batch)

    def _named_card(self, name_or_path: str) -> ModelCard:
        with translated():
            return self._reader.card(*self._place(name_or_path))

    def _place(self, name_or_path: str, kind: str = "model") -> tuple[Path, str]:
        """Return the path of a model and its name, "" for that of its file. Raises: ModelMissing.

        The default model and a full path are found without listing the folders. Raises: ServiceError, if it is "".
        """
        from core.model_paths import DEFAULT, DEFAULT_PATH, FULL_PATHS, path_of

        if name_or_path == DEFAULT:
            return DEFAULT_PATH, DEFAULT
        check_named(name_or_path, kind)
        model = None if name_or_path.startswith(FULL_PATHS) else self._library.find(name_or_path, kind)
        if model is not None:
            return model.found.path, model.name
        path = path_of(name_or_path, self._base, self._folders)
        if path is None:
            raise self._library.missing(name_or_path, kind, self._base)
        return path, ""

    def default_of(self, ref: ModelRef, name: str) -> Any:
        """Return the value that a model states for an input, or None if it states none or is unusable."""
        try:
            return getattr(self.settings(ref), name, None)
        except InvocationError:  # a missing or broken model is reported when it is used
            return None

    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return the default settings of a model. Raises: ServiceError."""
        if ref.parts or not (ref.path and os.path.exists(ref.path)):
            return settings_of(self.card(ref))
        with translated():
            return self._reader.settings(Path(ref.path), ref.model)

    def world(self, ref: ModelRef) -> Mapping[str, str]:
        """Return the content of the model's `world.json`, by kind, or an empty mapping if it cannot be read."""
        try:
            words = json_data(read_bytes(Path(self.card(ref).path) / "world.json"))["world"]
            return {str(kind): str(text) for kind, text in words.items()}
        except (OSError, *MALFORMED):
            return {}

    def list(self) -> list[ModelInfo]:
        """Return all models of every kind, the default first; those that cannot be used are listed too."""
        from .library import completed

        return infos_of(completed(self._library.models()), self._fits)

    def cut_folders(self) -> Mapping[str, int]:
        """Return the folders with too many entries, each with how many of them were searched for models."""
        return self._library.cut()

    def details(self, name_or_path: str) -> ModelDetails:
        """Return everything that is known about a model or another file. Raises: ServiceError."""
        from core.models.scan import candidate_at

        from .library import LibraryModel

        with translated():
            path, name = self._place(name_or_path)
        path = Path(os.path.abspath(path))
        listed = self._library.at(path)
        found = self._known.opened(candidate_at(path, listed.found.name if listed else ""))
        model = replace(listed, found=found) if listed else LibraryModel(name or found.name, found, str(path.parent))
        try:
            with translated():
                card = self._reader.card(path, model.name)
                state = state_of(card)
        except InvocationError as error:
            return details_of(model, added=self._known.added(path), refused=error)
        fit = self._fits.of(card, state, (card.width, card.height)) if self._fits else None
        known, added = self._fingerprints.known(state), self._known.added(path)
        details = details_of(model, settings_of(card), known, added, card.prediction_type)
        info = replace(details.info, fits=fit.word if fit else details.info.fits)
        return replace(details, info=info, memory=str(fit) if fit else "")

    def state(self, name_or_path: str, kind: str | None, family: str | None) -> None:
        """Remember the kind and family that the user states for a model: None keeps what was stated, `auto` forgets it.

        Raises: ServiceError, SaveFailed.
        """
        with translated():
            path, _ = self._place(name_or_path)
            if {kind, family} - {None, AUTO}:
                self._known.check_stated(path)
        pairs = zip(self._choices.of(path), (kind, family), strict=True)
        self._choices.state(path, *[old if new is None else new.replace(AUTO, "") for old, new in pairs])

    def scan(self, folder: str) -> ScannedFolder:
        """Return the models in a folder of another program and in its subfolders. Raises: ServiceError."""
        from core.models.scan import MAX_DEPTH, MAX_ENTRIES

        from .library import completed
        from .names import folder_at

        with translated():
            path = folder_at(folder, self._base)
        found, folders, complete = self._library.in_folder(path)
        own = {each.found.path for each in found}
        others = [each for each in self._library.models() if each.found.path not in own]
        models = [each for each in completed([*others, *found]) if each.found.path in own]
        infos = tuple(infos_of(models, self._fits))
        return ScannedFolder(infos, tuple(map(str, folders)), complete, MAX_DEPTH, MAX_ENTRIES)

    def search(self, folder: str, *, also: bool = True) -> None:
        """Also find the models in a folder, or no longer (`also=False`), until the process ends."""
        if (Path(folder) in self._folders) != also:
            others = tuple([each for each in self._folders if each != Path(folder)])
            self._folders = (*others, Path(folder)) if also else others
            self.__dict__.pop("_library", None)

    def kinds(self) -> Mapping[str, str]:
        """Return all kinds of models, each with a description."""
        from core.models.kinds.identity import KINDS

        return KINDS

    def families(self) -> Mapping[str, str]:
        """Return all families of models, each with its title."""
        from core.models.kinds.families import FAMILIES

        return {family.name: family.title for family in FAMILIES}
