"""Cache the cards of models; a model is read again only after one of its files has changed."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from .card import ModelCard
from .part import WEIGHT_STEMS
from .probe import probe

if TYPE_CHECKING:
    from .recognized import Owned

PARTS = (
    "",
    *WEIGHT_STEMS,
    "tokenizer",
    "tokenizer_2",
    "scheduler",
)  # the subfolders of a model whose files determine its card

Stamp = tuple[object, ...]  # the states of files, and for a card with borrowed parts, what may lend them
Key = tuple[str, str, str, str]  # the path, the name, and the kind and the family that the user states

MAX_CARDS = 1024  # maximum number of cached cards; beyond it, the card that was read first is dropped

_cards: dict[Key, tuple[Stamp, ModelCard]] = {}
_changing = Lock()


def card_of(folder: Path | str, *, name: str = "") -> ModelCard:
    """Return the card of a model folder in diffusers layout; its files are read again only if one has changed.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    key, stamp = (str(folder), name, "", ""), _stamp(str(folder))
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


def _stamp(folder: str) -> Stamp:
    """Return the state of each file in a model folder and its parts."""
    found = []
    for part in PARTS:
        with suppress(OSError), os.scandir(os.path.join(folder, part)) as files:  # the model may not have this part
            for file in files:
                status = file.stat(follow_symlinks=file.is_file() or file.is_dir())  # it may be a dangling link
                found.append((file.path, status.st_ino, status.st_size, status.st_mtime_ns))
    return tuple(sorted(found))


def _file_stamp(path: Path, card: ModelCard, owned: Owned) -> Stamp:
    """Return the state of the files that a card was made from, and of the notes that may lie beside its own file.

    If parts are borrowed, it covers what may lend them.
    """
    from .sidecars import SIDECARS

    notes = [path.with_name(path.stem + suffix) for suffix in SIDECARS]
    lenders = [(one.path, one.name, one.identity, one.problem) for one in owned()] if card.borrowed else []
    return (*[_state(str(file)) for file in (*notes, *card.files)], *lenders)


def _state(path: str) -> tuple[str, int, int, int]:
    """Return the path, inode, size in bytes and modification time of a file, or zeros if it does not exist."""
    try:
        stat = os.stat(path) if os.path.exists(path) else os.lstat(path)  # the file may be a dangling link
    except OSError:
        return path, 0, 0, 0
    return path, stat.st_ino, stat.st_size, stat.st_mtime_ns
