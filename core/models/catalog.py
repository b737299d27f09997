"""The card of the model at a path. Does not import torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import ModelError, ModelMissing, ModelUnsupported

from .card import ModelCard
from .cards import card_of, card_of_file
from .folder_files import INDEX
from .hub_cache import PREFIX, hub_name, snapshot_of

if TYPE_CHECKING:
    from .recognized import Owned


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
            card = card_of(path, name=name)
        except ModelUnsupported as error:
            raise _refusal(path, name, family=family, otherwise=error) from error
        if family in ("", card.family):
            return card
    raise _refusal(path, name, kind=kind, family=family)


def _refusal(
    path: Path, name: str, *, kind: str = "", family: str = "", otherwise: ModelUnsupported | None = None
) -> ModelError:
    """Return the error that says what a path is; a model that can run has the other error."""
    from .recognize import recognize  # imported here because most lines refuse no model
    from .refusal import can_run, refusal
    from .scan import candidate_at
    from .unreadable import closed_above

    closed = closed_above(path)
    if closed is not None:
        return closed
    if not os.path.lexists(path):  # it was removed after its path had been found
        return ModelMissing(str(path), [path.parent], [])
    found = recognize(candidate_at(path, name), kind=kind, family=family)
    if otherwise and can_run(found.identity, found.container) is None:
        return otherwise
    return refusal(found, name=name)
