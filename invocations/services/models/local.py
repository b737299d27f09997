"""Find models on this machine: the built-in one and those in the user's folders. Loads neither weights nor torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.errors import InvocationError
from invocations.foreign import json_data, read_bytes
from invocations.services.translate_errors import translated
from invocations.values import ModelRef

from .base import NO_SIZE, MemoryFit, ModelInfo, ModelService, ModelSettings

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from invocations.cache.keys import Digests

    from .fit import Fits


class LocalModels(ModelService):
    """Finds models by name or path; fingerprints are cached until the files change.

    base: the folder that relative paths are resolved against (default: the current folder).
    """

    def __init__(
        self,
        folders: Sequence[Path] = (),
        *,
        digests: Digests | None = None,
        base: Path = Path(),
        fits: Fits | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._base = base
        self._digests = digests
        self._fits = fits
        self._fingerprints: dict[str, str] = {}

    def find(self, name_or_path: str) -> ModelRef:
        """Return the model with this name or in this folder. Raises: ServiceError."""
        with translated():
            card = self._named_card(name_or_path)
            return ModelRef(self._fingerprint(card), card.name, str(card.path))

    def check(self, name_or_path: str) -> None:
        """Refuse a model that `find` would refuse, without computing its fingerprint. Raises: ServiceError."""
        self._named_card(name_or_path)

    def settings_of(self, name_or_path: str) -> ModelSettings:
        """Return the default settings of the model with this name or in this folder. Raises: ServiceError."""
        return _settings(self._named_card(name_or_path))

    def card(self, ref: ModelRef) -> ModelCard:
        """Return the model card that the core creates for a model. Raises: ServiceError."""
        from core.models.cards import card_of

        if not (ref.path and Path(ref.path).is_dir()):
            return self._named_card(ref.model)
        with translated():
            return card_of(ref.path, name=ref.model)

    def fits(self, name_or_path: str, size: tuple[int, int] | None = None) -> MemoryFit | None:
        """Return whether a model fits into memory, for images of its own size or another one; None if not known.

        Raises: ServiceError.
        """
        if self._fits is None:
            return None
        card = self._named_card(name_or_path)
        return self._fits.of(card, _state(card), size or (card.width, card.height))

    def check_fit(self, ref: ModelRef, size: tuple[int, int] = NO_SIZE) -> None:
        """Refuse a model that cannot fit into memory, for images of a size. Raises: ServiceError."""
        if self._fits is not None:
            card = self.card(ref)
            self._fits.check(card, _state(card), size)

    def keep_peak(self, ref: ModelRef, size: tuple[int, int], node: str, size_bytes: int) -> None:
        """Remember the peak memory of a node that used a model. Raises: ServiceError."""
        if self._fits is not None:
            card = self.card(ref)
            self._fits.keep(card, _state(card), size, node, size_bytes)

    def _named_card(self, name_or_path: str) -> ModelCard:
        from core.models.catalog import ModelCatalog

        with translated():
            return ModelCatalog(self._folders, base=self._base).find(name_or_path)

    def settings(self, ref: ModelRef) -> ModelSettings:
        """Return the default settings of a model. Raises: ServiceError."""
        return _settings(self.card(ref))

    def world(self, ref: ModelRef) -> Mapping[str, str]:
        """Return the content of the model's `world.json`, by kind, or an empty mapping if it cannot be read."""
        try:
            words = json_data(read_bytes(Path(self.card(ref).path) / "world.json"))["world"]
            return {str(kind): str(text) for kind, text in words.items()}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return {}

    def list(self) -> list[ModelInfo]:
        """Return all models, the default first; broken models are listed as unusable."""
        from core.models.catalog import DEFAULT, ModelCatalog

        catalog = ModelCatalog(self._folders)
        return [
            self._info(name, path, "built in" if name == DEFAULT else str(path.parent))
            for name, path in catalog.paths().items()
        ]

    def _info(self, name: str, path: Path, origin: str) -> ModelInfo:
        try:
            card = self.card(ModelRef("", name, str(path)))
        except InvocationError as error:
            return ModelInfo(name, f"unusable: {error.message}", str(path), 0, origin)
        return ModelInfo(name, card.family, str(path), card.size_bytes, origin)

    def _fingerprint(self, card: ModelCard) -> str:
        from core.models.fingerprint import fingerprint

        what = _state(card)
        known = self._fingerprints.get(what) or (self._digests.digest(what) if self._digests else None)
        if known is None:
            known = fingerprint(card)
            if self._digests:
                self._digests.keep_digest(what, known)
        self._fingerprints[what] = known
        return known


def _settings(card: ModelCard) -> ModelSettings:
    from core.models.need import part_bytes

    return ModelSettings(
        family=card.family,
        width=card.width,
        height=card.height,
        multiple=card.size_multiple,
        steps=card.steps,
        guidance=card.guidance,
        scheduler=card.scheduler,
        needs_mask=card.needs_mask,
        text_layers=card.text_layers,
        needs_image="image" in card.needs,
        part_bytes=part_bytes(card),
        name=card.name,
        variant=card.variant,
    )


def _state(card: ModelCard) -> str:
    """Return a string that describes the state of a model's files: names, sizes and times."""
    from core.models.fingerprint import files_of

    found = [(file, file.stat()) for file in files_of(card)]
    text = "\n".join([f"{file} {stat.st_ino} {stat.st_size} {stat.st_mtime_ns}" for file, stat in found])
    return f"model {hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
