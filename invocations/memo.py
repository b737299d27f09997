"""Results reused: a node's outputs by the content of its inputs. A key is the same in every process, on every machine.

In the key: type and version, every input by value (defaults too), references by the content they name, files by their
bytes, and the environment that changes the outcome (device class, dtype, versions).
"""

from __future__ import annotations

import hashlib
import json
import os
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from invocations.spec import InvocationSpec
from invocations.values import Ref


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a node gave, and what it settled on the way."""

    outputs: Mapping[str, Any]
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """The content of a node's inputs: its key, and the inputs it was made from."""

    key: str
    type: str
    version: str
    inputs: Mapping[str, Any]
    files: Mapping[str, str]
    size: int  # of the inputs as JSON text


class Memo(ABC):
    """Keeps results by key."""

    @abstractmethod
    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> Signature | None:
        """Return the signature of a node with these inputs, or None if its results are never reused."""

    @abstractmethod
    def get(self, signature: Signature) -> Remembered | None:
        """Return what is remembered, if all it refers to is still there."""

    @abstractmethod
    def put(self, signature: Signature, remembered: Remembered) -> None:
        """Remember a result; what was used least recently goes when there is no room."""

    @abstractmethod
    def why(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
        """Say why a node with these inputs would run, or that it would not."""

    @abstractmethod
    def clear(self) -> None:
        """Forget everything."""


class Signer:
    """Makes signatures in one environment."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._start = hashlib.sha256(canonical(dict(environment or {})).encode())
        self._types: dict[tuple[str, str], tuple[InvocationSpec, dict[str, Any], tuple[str, ...], Any]] = {}
        self._files: dict[tuple[str, int, int], str] = {}

    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> Signature | None:
        """Return the signature, or None if the node looks at the world."""
        if not spec.reusable:
            return None
        known = self._types.get((spec.type, spec.version))
        if known is None or known[0] is not spec:
            known = self._types[spec.type, spec.version] = self._prepare(spec)
        _, defaults, file_fields, start = known
        whole = {**defaults, **inputs}
        files: dict[str, str] = {}
        for name in file_fields:
            if whole.get(name) is not None:
                content = self._content_of(whole[name])
                if content is None:
                    return None
                files[name] = content
        hasher = start.copy()
        text = canonical({**whole, **files} if files else whole)
        hasher.update(text.encode())
        return Signature(hasher.hexdigest(), spec.type, spec.version, whole, files, len(text))

    def _prepare(self, spec: InvocationSpec) -> tuple[InvocationSpec, dict[str, Any], tuple[str, ...], Any]:
        start = self._start.copy()
        start.update(canonical([spec.type, spec.version]).encode())
        defaults = {field.name: field.default for field in spec.inputs if not field.required}
        return spec, defaults, tuple(field.name for field in spec.inputs if field.completes == "file"), start

    def _content_of(self, path: Any) -> str | None:
        """Return the hash of a file's bytes; None for what is no single file (a pattern, standard input, a URL)."""
        try:
            found = os.stat(path)
            key = (os.path.realpath(path), found.st_size, found.st_mtime_ns)
            if key not in self._files:
                with open(path, "rb") as file:
                    self._files[key] = hashlib.file_digest(file, "sha256").hexdigest()
            return self._files[key]
        except (OSError, TypeError, ValueError):
            return None


class MemoryMemo(Memo):
    """Results of this process, at most about `max_bytes` of them."""

    def __init__(
        self,
        max_bytes: int = 64 << 20,
        *,
        environment: Mapping[str, str] | None = None,
        is_there: Callable[[Ref], bool] = lambda ref: True,
    ) -> None:
        self._signer = Signer(environment)
        self._is_there = is_there
        self._max_bytes = max_bytes
        self._bytes = 0
        self._lock = Lock()
        self._entries: OrderedDict[str, tuple[Signature, Remembered, int]] = OrderedDict()

    def sign(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> Signature | None:
        return self._signer.sign(spec, inputs)

    def get(self, signature: Signature) -> Remembered | None:
        entry = self._entries.get(signature.key)
        if entry is None:
            return None
        if not all(self._is_there(ref) for value in entry[1].outputs.values() for ref in refs_in(value)):
            with self._lock:
                self._drop(signature.key)
            return None
        with self._lock:
            if signature.key in self._entries:
                self._entries.move_to_end(signature.key)
        return entry[1]

    def put(self, signature: Signature, remembered: Remembered) -> None:
        size = size_of(remembered.outputs) + signature.size + len(signature.key)
        if size > self._max_bytes:
            return
        with self._lock:
            self._drop(signature.key)
            self._entries[signature.key] = (signature, remembered, size)
            self._bytes += size
            while self._bytes > self._max_bytes:
                self._drop(next(iter(self._entries)))

    def why(self, spec: InvocationSpec, inputs: Mapping[str, Any]) -> str:
        signature = self.sign(spec, inputs)
        if signature is None:
            return f"`{spec.type}` looks at the world, its results are never reused"
        if signature.key in self._entries:
            if self.get(signature) is not None:
                return "it would be reused"
            return "what it gave is no longer kept"
        others = [other for other, _, _ in tuple(self._entries.values()) if other.type == spec.type]
        if not others:
            return f"no `{spec.type}` is remembered"
        nearest = min((_differences(signature, each) for each in others), key=len)
        return f"never run with these inputs; nearest: {nearest}"

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    @property
    def size_bytes(self) -> int:
        """How much is remembered, about."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._entries)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= entry[2]


def _differences(one: Signature, other: Signature) -> str:
    if one.version != other.version:
        return f"version {other.version}, now {one.version}"
    names = [name for name in one.inputs if canonical(one.inputs[name]) != canonical(other.inputs.get(name))]
    words = [f"`{name}` was {canonical(other.inputs.get(name))}, now {canonical(one.inputs[name])}" for name in names]
    words += [f"the file of `{name}` has changed" for name in one.files if one.files[name] != other.files.get(name)]
    return "; ".join(words) or "the environment"


def size_of(value: Any) -> int:
    """Return about how many bytes a value takes: texts by their length, everything else 16, and what it holds."""
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


def refs_in(value: Any) -> list[Ref]:
    """Return the references in a value, also those in lists and mappings."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, Ref):
            found.append(each)
        elif isinstance(each, (list, tuple)):
            waiting.extend(each)
        elif isinstance(each, dict):
            waiting.extend(each.values())
    return found


def _content(value: Any) -> Any:
    """Return what a value that JSON does not know stands for."""
    if isinstance(value, Ref):
        return {"kind": value.kind, "name": value.name}
    if isinstance(value, Mapping):
        return dict(value)
    return [type(value).__name__, str(value)]


canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=_content).encode
