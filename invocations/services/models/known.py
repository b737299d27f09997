"""Recognize the models on this machine: a file in the index costs one stat; any other file is opened once."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Final

from invocations.foreign import MALFORMED
from invocations.services.errors import ServiceError

from .choices import ModelChoices
from .code_state import code_state

if TYPE_CHECKING:
    from core.models.recognized import Recognized
    from core.models.scan import ModelCandidate

    from .index import IndexedModel, ModelIndex

INDEX: Final = "index.sqlite"


class RecognizedModels:
    """Recognizes models, and remembers them until their files change. Several threads may use it at once.

    store: the folder of the index (default: nothing is stored). choices: what the user has stated about models.
    """

    def __init__(self, choices: ModelChoices, store: Path | None = None) -> None:
        self._choices = choices
        self._store = store
        self._lock = RLock()
        self._found: dict[str, tuple[str, Recognized]] = {}  # by path, with the state of the files
        self._rows: dict[str, IndexedModel] | None = None

    def recognized(self, candidates: Sequence[ModelCandidate], folders: Sequence[Path] = ()) -> list[Recognized]:
        """Return what each candidate is.

        folders: indexed models in these folders are dropped if they are not among the candidates
        """
        with self._lock:
            return self._recognized(candidates, folders)

    def _recognized(self, candidates: Sequence[ModelCandidate], folders: Sequence[Path]) -> list[Recognized]:
        self._choices.refresh()
        found, opened = [], []
        for candidate in candidates:
            path, stamp = str(candidate.path), self._stamp(candidate)
            known = self._found.get(path)
            if known is None or known[0] != stamp:
                stored = self._from_index(candidate, stamp)
                opened += [] if stored else [path]
                known = self._found[path] = (stamp, stored or self.opened(candidate))
            found.append(known[1])
        present = {str(candidate.path) for candidate in candidates}
        inside = tuple([os.path.join(folder, "") for folder in folders])
        gone = [path for path in self._indexed() if path not in present and path.startswith(inside)]
        if opened or gone:
            self._write(opened, gone)
        return found

    def opened(self, candidate: ModelCandidate) -> Recognized:
        """Open a candidate's file and return what it is, with the notes, which the index does not store."""
        from core.models.recognize import recognize

        kind, family = self._choices.of(candidate.path)
        return recognize(candidate, kind=kind, family=family)

    def check_stated(self, path: Path) -> None:
        """Refuse to state what a file is that cannot be read, as that would have no effect. Raises: ServiceError."""
        from core.models.refusal import refusal
        from core.models.scan import candidate_at

        found = self.opened(candidate_at(path))
        if found.problem and not found.container:
            error = refusal(found)
            message = f"a kind or family stated for {path} would have no effect: {found.problem}"
            raise ServiceError(message, error.hint, code=error.code, path=path, reason=found.problem)

    def added(self, path: Path) -> float | None:
        """Return when a model was first seen, in seconds since 1970, or None if that is not stored."""
        with self._lock:
            row = self._indexed().get(str(path))
        return row.added if row else None

    def _stamp(self, candidate: ModelCandidate) -> str:
        """Return a string for the state of a model's files and for what the user has stated about it."""
        from core.models.recognize import stamp_of

        choice = " ".join(self._choices.of(candidate.path))
        try:
            return f"{choice} {stamp_of(candidate)}"
        except OSError:
            return choice

    def _from_index(self, candidate: ModelCandidate, stamp: str) -> Recognized | None:
        from core.models.recognized import from_json

        row = self._indexed().get(str(candidate.path))
        if row is None or row.stamp != stamp:
            return None
        try:
            return from_json(candidate.path, candidate.name, json.loads(row.data))
        except MALFORMED:
            return None

    def _indexed(self) -> dict[str, IndexedModel]:
        """Return what is stored, by path. Without an index, sqlite3 is not imported."""
        if self._rows is None:
            is_there = self._store is not None and os.path.isfile(self._store / INDEX)
            index = self._index() if is_there else None
            self._rows = index.read() if index else {}
        return self._rows

    def _write(self, opened: Sequence[str], gone: Sequence[str]) -> None:
        """Store the models that were opened, and drop those that have disappeared."""
        from core.models.recognized import to_json

        rows, index = self._indexed(), self._index()
        if index is None:
            return
        from .index import IndexedModel

        now = time.time()
        for path in opened:
            stamp, found = self._found[path]
            added = rows[path].added if path in rows else now
            rows[path] = IndexedModel(path, stamp, json.dumps(to_json(found)), added)
        index.write([rows[path] for path in opened], gone)
        for path in gone:
            del rows[path]

    def _index(self) -> ModelIndex | None:
        """Return the index, or None if nothing is stored. sqlite3 is imported here."""
        if self._store is None:
            return None
        from .index import ModelIndex

        return ModelIndex(self._store / INDEX, code_state())
