"""Hashes of models, by which the same model is recognized wherever it lies."""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Final

from core.foreign import file_state

from .card import ModelCard
from .part import PartSource

SETTINGS_FILES: Final = ("*.json", "*/*.json", "*/*.txt", "*/*.model")

_SAMPLED_BYTES, _BLOCKS, _BLOCK_BYTES = 64 * 2**20, 256, 4096


def fingerprint(card: ModelCard) -> str:
    """Return a hash of a model's settings and weights; weight files above 64 MiB are only sampled.

    Two models of the same architecture differ in nearly every weight, so the header and 256 blocks of 4 KiB of a large
    file are enough to distinguish them without reading gigabytes.
    """
    from .earlier_default import SAME_RESULTS  # imported here because most lines know the fingerprint already

    digest = hashlib.sha256(reading_of(card).encode())
    for path in files_of(card):
        digest.update(_label(path, card.path).encode() + b"\0")
        _digest_file(path, digest)
    return SAME_RESULTS.get(digest.hexdigest(), digest.hexdigest())


def part_fingerprint(source: PartSource, variant: str = "") -> str:
    """Return a hash of the files of one part, and of how the part lies in them; computed once until a file changes.

    Raises: ModelBroken, PickleRefused, OSError.
    """
    state = tuple([(str(file), file_state(file.stat())) for file in source.files(variant)])
    return _fingerprint_of(source, variant, state)


@lru_cache(256)
def _fingerprint_of(source: PartSource, variant: str, state: object) -> str:
    return measured_fingerprint(source, variant)


def measured_fingerprint(source: PartSource, variant: str = "") -> str:
    """Return the same as `part_fingerprint`, always computed from the files.

    Raises: ModelBroken, PickleRefused, OSError.
    """
    digest = hashlib.sha256(f"{source.name}\0{source.layout}\0{source.prefix}\0".encode())
    for path in source.files(variant):
        digest.update(path.name.encode("utf-8", "surrogateescape") + b"\0")
        _digest_file(path, digest)
    return digest.hexdigest()


def reading_of(card: ModelCard) -> str:
    """Return how a single file is read, which its bytes alone do not show; "" for a folder, which has settings."""
    if os.path.isdir(card.path):
        return ""
    noted = f" {card.clip_skip}" if card.clip_skip else ""
    return f"{card.family} {card.variant} {card.prediction_type}{noted}"


def files_of(card: ModelCard) -> list[Path]:
    """Return the files that determine what a model computes: sorted for a folder, in a fixed order for a single file.

    What a file borrows may lie anywhere, so the order does not depend on paths.
    """
    if not os.path.isdir(card.path):
        return list(card.files)
    settings = filter(os.path.isfile, chain.from_iterable(map(card.path.glob, SETTINGS_FILES)))  # not dangling links
    return sorted({*card.files, *settings})


def content_fingerprint(source: PartSource) -> str:
    """Return a hash of the settings and weights of one part, wherever it lies; large files are only sampled.

    Raises: ModelBroken, PickleRefused, OSError.
    """
    stated = dict(source.config) if os.path.isdir(source.path) else {}  # the model's family decides those of a file
    digest = hashlib.sha256(json.dumps([source.prefix, stated], sort_keys=True, default=str).encode())
    for path in source.files():
        _digest_file(path, digest)
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, as model hubs show it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _label(path: Path, model: Path) -> str:
    """Return a file's name in the hash: its path in the model's folder; other files count by their contents only."""
    return path.relative_to(model).as_posix() if path != model and path.is_relative_to(model) else ""


def _digest_file(path: Path, digest: hashlib._Hash) -> None:
    size = path.stat().st_size
    digest.update(f"{size}\0".encode())
    with path.open("rb") as file:
        if size <= _SAMPLED_BYTES:
            digest.update(file.read())
            return
        length = int.from_bytes(file.read(8), "little")
        digest.update(file.read(length))
        for block in range(_BLOCKS):
            file.seek(8 + length + (size - 8 - length - _BLOCK_BYTES) * block // (_BLOCKS - 1))
            digest.update(file.read(_BLOCK_BYTES))
