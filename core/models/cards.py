"""Cache the cards of model folders; a folder is read again only after one of its files has changed."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .card import ModelCard
from .part import WEIGHT_STEMS
from .probe import probe

PARTS = (
    "",
    *WEIGHT_STEMS,
    "tokenizer",
    "tokenizer_2",
    "scheduler",
)  # the subfolders of a model whose files determine its card

Stamp = tuple[tuple[str, int, int, int], ...]

MAX_CARDS = 1024  # maximum number of cached cards; beyond it, the card that was read first is dropped

_cards: dict[tuple[str, str], tuple[Stamp, ModelCard]] = {}


def card_of(folder: Path | str, *, name: str = "") -> ModelCard:
    """Return the card of a model folder in diffusers layout; its files are read again only if one has changed.

    Raises: ModelMissing, ModelBroken, PickleRefused, ModelUnsupported.
    """
    key, stamp = (str(folder), name), _stamp(str(folder))
    known = _cards.get(key)
    if known is None or known[0] != stamp:
        _cards.pop(key, None)
        while len(_cards) >= MAX_CARDS:
            del _cards[next(iter(_cards))]
        known = _cards[key] = stamp, probe(folder, name=name)
    return known[1]


def _stamp(folder: str) -> Stamp:
    """Return the path, inode, size in bytes and modification time of each file in a model folder and its parts."""
    found = []
    for part in PARTS:
        place = os.path.join(folder, part)
        with suppress(OSError):  # the model does not have this part
            for name in sorted(os.listdir(place)):
                path = os.path.join(place, name)
                stat = os.stat(path) if os.path.exists(path) else os.lstat(path)  # the file may be a dangling link
                found.append((path, stat.st_ino, stat.st_size, stat.st_mtime_ns))
    return tuple(found)
