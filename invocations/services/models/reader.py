"""Read models at their paths: cards, and the settings and references that follow from them and are remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.file_states import states_of
from invocations.values import ModelRef

from .base import ModelSettings
from .choices import ModelChoices, undo_hint
from .describe import settings_of
from .fingerprints import Fingerprints
from .memo import ModelMemo, Remembered

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from core.models.recognized import Recognized


class ModelReader:
    """Reads the model at a path, by the name that its card is to have; "" is the name of its file.

    Settings and references come from the memo if the model has not changed. lenders: returns the models that may lend
    parts to the file at a path.
    """

    def __init__(
        self,
        choices: ModelChoices,
        fingerprints: Fingerprints,
        memo: ModelMemo,
        lenders: Callable[[Path], Sequence[Recognized]],
    ) -> None:
        self._choices = choices
        self._fingerprints = fingerprints
        self._memo = memo
        self._lenders = lenders

    def card(self, path: Path, name: str) -> ModelCard:
        """Return the card of a model. Raises: ModelError."""
        from core.errors import ModelUnsupported
        from core.models.catalog import card_at

        self._choices.refresh()
        kind, family = self._choices.of(path)
        try:
            return card_at(path, name=name, kind=kind, family=family, owned=lambda: self._lenders(path))
        except ModelUnsupported as error:
            error.hint = undo_hint(path, kind, family, error.reason) or error.hint
            raise

    def settings(self, path: Path, name: str) -> ModelSettings:
        """Return the default settings of a model. Raises: ModelError."""
        known = self._memo.find(path, name, self._choices)
        return known.settings if known else settings_of(self.card(path, name))

    def ref(self, path: Path, name: str) -> ModelRef:
        """Return a reference to a model. Raises: ModelError, OSError."""
        known = self._memo.find(path, name, self._choices)
        return ModelRef(known.fingerprint, known.settings.name, str(path)) if known else self._read(path, name)

    def _read(self, path: Path, name: str) -> ModelRef:
        """Return a reference to a model after reading it; remember it if it borrows nothing."""
        from core.models.cards import basis_of

        states = str(states_of(basis := basis_of(path)))  # before it is read, so that a change meanwhile outdates them
        stated = self._choices.of(path)
        card = self.card(path, name)
        ref = ModelRef(self._fingerprints.of(card), card.name, str(card.path))
        if card.path == path and not card.borrowed and stated == self._choices.of(path):
            self._memo.keep(path, name, stated, Remembered(settings_of(card), ref.name), basis=basis, states=states)
        return ref
