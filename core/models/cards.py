"""Cache the cards of models; a model is read again only after one of its files has changed."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from core.file_states import states_of

from .card import ModelCard
from .probe import probe

if TYPE_CHECKING:
    from .recognized import Owned

Stamp = tuple[object, ...]  # the states of files, and for a card with borrowed parts, what may lend them
Key = tuple[str, str, str, str]  # the path, the name, and the kind and the family that the user states

MAX_CARDS = 1024  # maximum number of cached cards; beyond it, the card that was read first is dropped

_cards: dict[Key, tuple[Stamp, ModelCard]] = {}
_changing = Lock()


def card_of(folder: Path | str, *, name: str = "") -> ModelCard:
    """Return the card of a model folder in diffusers layout; its files are read again only if one has changed.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    key, stamp = (str(folder), name, "", ""), tuple(states_of([str(folder)]))
    known = _cards.get(key)
    if known is None or known[0] != stamp:
        known = _keep(key, stamp, probe(folder, name=name))
    return known[1]


def card_of_file(path: Path, *, name: str = "", kind: str = "", family: str = "", owned: Owned = tuple) -> ModelCard:
    """Return the card of a single file (see `single_file`); it is read again only if it has changed.

    The notes beside it and the parts that it borrows count, too, and so do the models that may lend it parts.
    """
    key, lenders = (str(path), name, kind, family), cache(lambda: tuple(owned()))
    known = _cards.get(key)
    if known is None or known[0] != _file_stamp(path, known[1], lenders):
        from . import single_file  # imported here because most lines use a folder

        card = single_file.card_of_file(path, name=name, kind=kind, family=family, owned=lenders)
        known = _keep(key, _file_stamp(path, card, lenders), card)
    return known[1]


def _keep(key: Key, stamp: Stamp, card: ModelCard) -> tuple[Stamp, ModelCard]:
    with _changing:
        _cards.pop(key, None)
        while len(_cards) >= MAX_CARDS:
            _cards.pop(next(iter(_cards)))
        _cards[key] = stamp, card
    return stamp, card


def basis_of(path: Path) -> list[str]:
    """Return the paths whose states determine the card of a model that borrows nothing: of its folder or its files.

    Beside a file, they include the notes that may be added later.
    """
    if not os.path.isfile(path):
        return [str(path)]
    from .sidecars import SIDECARS

    return [*[str(path.with_name(path.stem + suffix)) for suffix in SIDECARS], str(path)]


def _file_stamp(path: Path, card: ModelCard, owned: Owned) -> Stamp:
    """Return the state of the files that a card was made from, and of the notes that may lie beside its own file.

    If parts are borrowed, it covers what may lend them.
    """
    lenders = (
        [(one.path, one.name, one.identity, one.problem, one.distance) for one in owned()] if card.borrowed else []
    )
    return (*states_of([*basis_of(path), *map(str, card.files)]), *lenders)
