"""The result cache: the outputs of nodes, keyed by the content of their inputs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

from invocations.frozen import frozen
from invocations.spec import InvocationSpec
from invocations.values import ImageRef, Ref

from .keys import CacheKey, Signer, differences, refs_in


@frozen
class CachedResult:
    """The outputs of a node and the facts that it recorded."""

    outputs: Mapping[str, Any]
    facts: Mapping[str, Any]


@frozen
class CacheStats:
    """The size of the cache, and how often its results were reused (`hits`)."""

    entries: int
    bytes: int
    hits: int


class ResultCache(ABC):
    """Stores the results of nodes by key."""

    @abstractmethod
    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        """Return the key of a node with these inputs, or None if its results are never cached."""

    @abstractmethod
    def get(self, signature: CacheKey) -> CachedResult | None:
        """Return the cached result if everything it refers to still exists."""

    @abstractmethod
    def peek(self, signature: CacheKey) -> CachedResult | None:
        """Return the cached result like `get`, but do not count a hit."""

    @abstractmethod
    def put(self, signature: CacheKey, result: CachedResult) -> None:
        """Cache a result, evicting the least recently used results to make room."""

    @abstractmethod
    def why(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
        """Return a phrase that explains to the user why a node with these inputs would or would not run."""

    @abstractmethod
    def clear(self) -> int:
        """Remove all results; return the number of bytes freed on disk."""

    @abstractmethod
    def stored(self) -> CacheStats:
        """Return the number of results, their size and the number of hits."""

    def close(self) -> None:  # noqa: B027 - a cache in memory has nothing to finish
        """Finish pending writes and close files."""


class MemoryCache(ResultCache):
    """A cache in the memory of this process, limited to about `max_bytes`."""

    def __init__(
        self,
        max_bytes: int = 64 << 20,
        *,
        signer: Signer | None = None,
        is_there: Callable[[Ref], bool] = lambda ref: True,
    ) -> None:
        self._signer = signer or Signer()
        self._is_there = is_there
        self._max_bytes = max_bytes
        self._bytes = 0
        self._hits = 0
        self._lock = Lock()
        self._entries: OrderedDict[str, tuple[CacheKey, CachedResult, int]] = OrderedDict()

    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> CacheKey | None:
        return self._signer.sign(spec, inputs)

    def get(self, signature: CacheKey) -> CachedResult | None:
        entry = self._entries.get(signature.key)
        if entry is None:
            return None
        if not self._all_there(entry[1]):
            with self._lock:
                self._drop(signature.key)
            return None
        with self._lock:
            if signature.key in self._entries:
                self._entries.move_to_end(signature.key)
                self._hits += 1
        return moved(entry[1], entry[0], signature)

    def peek(self, signature: CacheKey) -> CachedResult | None:
        entry = self._entries.get(signature.key)
        if entry is None or not self._all_there(entry[1]):
            return None
        return moved(entry[1], entry[0], signature)

    def stored(self) -> CacheStats:
        return CacheStats(len(self._entries), self._bytes, self._hits)

    def put(self, signature: CacheKey, result: CachedResult) -> None:
        size = size_of(result.outputs) + signature.size + len(signature.key)
        if size > self._max_bytes:
            return
        with self._lock:
            self._drop(signature.key)
            self._entries[signature.key] = (signature, result, size)
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._entries)))

    def why(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
        signature = self.sign(spec, inputs)
        if signature is None:
            return f"`{spec.type}` depends on more than its inputs, so its results are never cached"
        if signature.key in self._entries:
            if self.get(signature) is not None:
                return "the result is cached"
            return "the result is no longer in the cache"
        others = [other for other, _, _ in tuple(self._entries.values()) if other.type == spec.type]
        if not others:
            return f"no result of `{spec.type}` is cached"
        nearest = min((differences(signature, each) for each in others), key=len)
        return f"never run with these inputs; closest earlier run: {'; '.join(nearest)}"

    def clear(self) -> int:
        with self._lock:
            self._entries.clear()
            self._bytes = 0
        return 0

    @property
    def size_bytes(self) -> int:
        """The approximate size of all results."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def _all_there(self, result: CachedResult) -> bool:
        return all(self._is_there(ref) for value in result.outputs.values() for ref in refs_in(value))

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[2]


def moved(result: CachedResult, then: CacheKey, now: CacheKey) -> CachedResult:
    """Return a result with its image paths updated to the current names of the input files."""
    paths = {
        path: now.files[name][1]
        for name, (_, path) in then.files.items()
        if name in now.files and now.files[name][1] != path
    }
    if not paths:
        return result
    return CachedResult({name: _moved(value, paths) for name, value in result.outputs.items()}, result.facts)


def _moved(value: Any, paths: Mapping[str, str]) -> Any:
    if isinstance(value, ImageRef) and value.path is not None and value.path in paths:
        return replace(value, path=paths[value.path])
    return [_moved(item, paths) for item in value] if isinstance(value, list) else value


def size_of(value: Any) -> int:
    """Return the approximate size of a value in bytes: the length of each string, and 16 for any other item."""
    size, waiting = 0, [value]
    while waiting:
        each = waiting.pop()
        size += 16
        if isinstance(each, str):
            size += len(each)
        elif isinstance(each, (list, tuple)):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
        elif isinstance(each, Ref):
            size += 64 + len(each.name)
    return size
