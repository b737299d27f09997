"""The result cache on disk, shared by all sessions and processes: an SQLite index that refers to files in the stores.

The index contains only JSON and the names of files. Whatever cannot be read, written or trusted is a cache miss and
never fails a run.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from invocations.spec import InvocationSpec
from invocations.values import Ref, from_json, to_json

from .base import CachedResult, CacheStats, MemoryCache, ResultCache, moved
from .index import FAILURES, Index, Row, is_busy, remove_index
from .keys import CacheKey, Signer, differences, refs_in

NAME = "results.sqlite"
MALFORMED = (ValueError, TypeError, LookupError, AttributeError, RecursionError)  # errors that damaged entries cause
COMPARED = 500  # number of most recent entries of a type that `why` compares
GRACE_SECONDS = 600.0  # a younger file is not removed: another process may be about to record it
CLOSE_S = 1.0  # how long to wait at the end for other processes that use the index
NOTE_EVERY = 256  # number of uses that are recorded in one transaction

Found = TypeVar("Found")


class DiskCache(ResultCache):
    """Caches results in `folder`, up to about `max_bytes` including their files.

    file_of: returns the path of the stored file with a label (see `label`). is_there: returns True if the content of a
    reference can still be read. warn: called with a message if something is wrong with the index. cancelled: returns
    True if nobody waits for the run any more, so that it does not wait for other processes that use the index.
    """

    def __init__(
        self,
        folder: Path,
        signer: Signer,
        *,
        max_bytes: int,
        file_of: Callable[[str], Path],
        is_there: Callable[[Ref], bool] = lambda ref: True,
        warn: Callable[[str], None] = lambda message: None,
        now: Callable[[], float] = time.time,
        cancelled: Callable[[], bool] = bool,
    ) -> None:
        self._path = folder / NAME
        self.signer = signer
        signer.digests = self
        self._max_bytes = max_bytes
        self._file_of = file_of
        self._is_there = is_there
        self._warn = warn
        self._now = now
        self._cancelled = cancelled
        self._lock = RLock()
        self._opened: Index | None = None
        self._instead: MemoryCache | None = None  # replaces the index if the index fails
        self._uses: dict[str, tuple[float, int]] = {}
        self._unsized: set[str] = set()

    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        return self.signer.sign(spec, inputs)

    def get(self, signature: CacheKey) -> CachedResult | None:
        if self._instead is not None:
            return self._instead.get(signature)
        found = self.peek(signature)
        if found is not None:
            with self._lock:
                _, hits = self._uses.get(signature.key, (0.0, 0))
                self._uses[signature.key] = (self._now(), hits + 1)
                if len(self._uses) >= NOTE_EVERY:
                    self._ask(self._note, None)
        return found

    def peek(self, signature: CacheKey) -> CachedResult | None:
        if self._instead is not None:
            return self._instead.peek(signature)
        row = self._ask(lambda index: index.get(signature.key), None)
        if row is None:
            return None
        try:
            then, found = _read(row)
        except MALFORMED:
            return None
        if not all(self._is_there(ref) for value in found.outputs.values() for ref in refs_in(value)):
            return None
        return moved(found, then, signature)

    def put(self, signature: CacheKey, result: CachedResult) -> None:
        if self._instead is not None:
            self._instead.put(signature, result)
            return
        row = _written(signature, result)
        if row is None:
            return
        files = [(name, self._size(name)) for name in labels(result.outputs)]
        self._unsized.update([name for name, size in files if not size])
        if self._ask(lambda index: self._put(index, row, files), False):
            return
        if self._instead is not None:
            self._instead.put(signature, result)

    def why(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
        signature = self.sign(spec, inputs)
        if signature is None:
            from .unsigned import unsigned  # imported on demand: only `why` needs it

            return unsigned(spec, inputs)
        if self._instead is not None:
            return self._instead.why(spec, inputs)
        if self.peek(signature) is not None:
            return "the result is cached"
        if self._ask(lambda index: index.get(signature.key), None) is not None:
            return "the result is no longer in the cache"
        none: list[Row] = []
        phrases: list[list[str]] = []
        others = self._ask(lambda index: index.nearest(spec.type, COMPARED), none)
        for row in others:
            with suppress(*MALFORMED):
                phrases.append(differences(signature, _read(row)[0]))
        if not phrases:
            return f"no result of `{spec.type}` is cached"
        nearest = min(phrases, key=len)
        return f"never run with these inputs; closest earlier run: {'; '.join(nearest)}"

    def clear(self) -> int:
        if self._instead is not None:
            return self._instead.clear()
        if self._opened is None and not self._path.exists():
            return 0
        self._uses.clear()
        self._unsized.clear()

        def clear(index: Index) -> int:
            with suppress(*FAILURES):
                self._measure(index, index.unsized())
            before = index.bytes
            self._remove(index, index.clear, grace=0.0)
            index.shrink()
            return before

        return self._ask(clear, 0)

    def stored(self) -> CacheStats:
        if self._instead is not None:
            return self._instead.stored()
        if self._opened is None and not self._path.exists():
            return CacheStats(0, 0, 0)

        def count(index: Index) -> CacheStats:
            self._note(index)
            self._measure(index, index.unsized())
            return CacheStats(index.totals.entries, index.totals.bytes, index.totals.hits)

        return self._ask(count, CacheStats(0, 0, 0))

    def close(self) -> None:
        if self._opened is not None:
            self._opened.wait_s = CLOSE_S
            self._ask(lambda index: self._measure(index, self._unsized), None)
            self._ask(self._note, None)
        with self._lock:
            if self._opened is not None:
                self._opened.close()
                self._opened = None

    def digest(self, what: str) -> str | None:
        """Return the cached hash of a file, or None; `what` identifies the file and its state."""
        return self._ask(lambda index: index.digest(what), None)

    def keep_digest(self, what: str, digest: str) -> None:
        """Cache a hash that was expensive to compute."""
        self._ask(lambda index: index.keep_digest(what, digest), None)

    def _put(self, index: Index, row: Row, files: list[tuple[str, int]]) -> bool:
        index.put(row, self._now(), files)
        if index.bytes > self._max_bytes:
            self._note(index)
            self._measure(index, index.unsized())
            self._remove(index, lambda: index.drop_oldest(self._max_bytes), grace=GRACE_SECONDS)
        return True

    def _note(self, index: Index) -> None:
        """Record in the index every use of an entry since the last call."""
        uses, self._uses = self._uses, {}
        if uses:
            index.touch((when, hits, key) for key, (when, hits) in uses.items())

    def _measure(self, index: Index, names: Iterable[str]) -> None:
        """Record the sizes of files that were not yet written when their entry was stored."""
        sizes = [(size, name) for name in names if (size := self._size(name))]
        self._unsized.difference_update(name for _, name in sizes)
        if sizes:
            index.resize(sizes)

    def _size(self, name: str) -> int:
        try:
            return os.stat(self._file_of(name)).st_size
        except OSError:
            return 0

    def _remove(self, index: Index, drop: Callable[[], list[str]], *, grace: float) -> None:
        """Drop entries, and remove the files that no entry needs any more.

        drop: drops entries and returns the names of these files. If it is interrupted, all entries stay.
        """
        with index.exclusive():
            for name in drop():
                with suppress(OSError):
                    file = self._file_of(name)
                    if not index.still_needed(name) and time.time() - os.stat(file).st_mtime >= grace:
                        os.unlink(file)

    def _ask(self, question: Callable[[Index], Found], otherwise: Found) -> Found:
        """Call a function with the index. A damaged index is rebuilt; if that fails, results are cached in memory."""
        with self._lock:
            if self._instead is not None:
                return otherwise
            try:
                return question(self._index())
            except FAILURES as error:
                self._do_without(error)
                return otherwise

    def _index(self) -> Index:
        if self._opened is None:
            self._opened = Index(self._path, self._cancelled)
        return self._opened

    def _do_without(self, error: Exception) -> None:
        if is_busy(error) and self._cancelled():
            return
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        damaged = isinstance(error, (sqlite3.DatabaseError, UnicodeDecodeError))
        if damaged and not isinstance(error, sqlite3.OperationalError):
            try:
                remove_index(self._path)
                self._opened = Index(self._path, self._cancelled)
                self._warn(f"the cache index could not be read ({error}); a new index was created")
                return
            except FAILURES as another:
                error = another
        self._instead = MemoryCache(signer=self.signer, is_there=self._is_there)
        self._warn(f"results are not cached on disk: {self._path}: {error}")


def labels(outputs: Mapping[str, Any]) -> list[str]:
    """Return the labels of the files that outputs refer to, without duplicates."""
    found = dict.fromkeys([label(ref) for value in outputs.values() for ref in refs_in(value)])
    return [name for name in found if name]


def label(ref: Ref) -> str:
    """Return the label of a reference's file, `image/NAME` or `tensors/NAME`, or "" if it has no file in a store."""
    kind = {"image": "image", "mask": "image", "latents": "tensors", "conditioning": "tensors"}.get(ref.kind, "")
    return f"{kind}/{ref.name}" if kind else ""


def _written(signature: CacheKey, result: CachedResult) -> Row | None:
    """Convert an entry to a row of the index, or return None if JSON cannot represent its outputs exactly."""
    described = {
        "version": signature.version,
        "inputs": to_json(dict(signature.inputs)),
        "files": signature.files,
        "environment": signature.environment,
    }
    produced = {"outputs": to_json(dict(result.outputs)), "facts": to_json(dict(result.facts))}
    try:
        row = Row(signature.key, signature.type, json.dumps(described), json.dumps(produced))
        found = _read(row)[1]
    except MALFORMED:
        return None
    return row if found == result else None


def _read(row: Row) -> tuple[CacheKey, CachedResult]:
    """Convert a row of the index to an entry. Raises: any of MALFORMED."""
    described, result = json.loads(row.signature), json.loads(row.result)
    files = {name: (found[0], found[1]) for name, found in described["files"].items()}
    inputs, size = from_json(described["inputs"]), len(row.signature)
    key = CacheKey(row.key, row.type, described["version"], inputs, files, size, described["environment"])
    return key, CachedResult(from_json(result["outputs"]), from_json(result["facts"]))
