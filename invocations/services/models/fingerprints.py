"""Fingerprints of models and their parts, which are computed once until a file changes."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.foreign import file_state

if TYPE_CHECKING:
    from core.models.card import ModelCard
    from core.models.part import PartSource
    from invocations.cache.keys import Digests


class Fingerprints:
    """Computes fingerprints; digests: where they are stored for other processes (default: nowhere)."""

    def __init__(self, digests: Digests | None = None) -> None:
        self._digests = digests
        self._found: dict[str, str] = {}

    def of(self, card: ModelCard, others: Iterable[str] = (), *, state: str = "") -> str:
        """Return the fingerprint of a model; others: the names of its replaced parts.

        state: the state of its files, if it is already known. Raises: ModelError, OSError.
        """
        from core.models.fingerprint import fingerprint

        own = self._digest(state or state_of(card), lambda: fingerprint(card))
        return joined(own, [(name, self.of_part(card.part(name))) for name in others])

    def of_part(self, source: PartSource) -> str:
        """Return the fingerprint of a part of a model. Raises: ModelError, OSError."""
        from core.models.fingerprint import content_fingerprint

        files = [*source.files(), *[path for path in [source.path / "config.json"] if os.path.isfile(path)]]
        state = f"part {source.name} {source.prefix} {_state_of(files)}"
        return self._digest(state, lambda: content_fingerprint(source))

    def known(self, state: str) -> str:
        """Return the fingerprint of a model whose files have this state if it was computed before, else ""."""
        return self._known(state) or ""

    def _known(self, state: str) -> str | None:
        return self._found.get(state) or (self._digests.digest(state) if self._digests else None)

    def _digest(self, state: str, compute: Callable[[], str]) -> str:
        known = self._known(state)
        if known is None:
            known = compute()
            if self._digests:
                self._digests.keep_digest(state, known)
        self._found[state] = known
        return known


def joined(own: str, parts: Iterable[tuple[str, str]]) -> str:
    """Return the fingerprint of a model with replaced parts; parts: the name and fingerprint of each such part."""
    found = sorted(parts)
    return hashlib.sha256(json.dumps([own, found]).encode()).hexdigest() if found else own


def state_of(card: ModelCard) -> str:
    """Return a string that describes the state of a model's files: names, sizes and times. Raises: OSError."""
    from core.models.fingerprint import files_of, reading_of

    return _state_of(files_of(card), reading_of(card))


def _state_of(files: Iterable[Path], reading: str = "") -> str:
    lines = [" ".join(map(str, (file, *file_state(file.stat())))) for file in files]
    text = reading + "\n".join(lines)
    return f"model {hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}"
