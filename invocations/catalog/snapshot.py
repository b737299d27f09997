"""Read and pack the metadata snapshot: Python literals, one module per family, which are read without importing a node.

`build_snapshot` writes it. A spec is packed into nested tuples without default values, so that the compiled literal is
small; it is unpacked to an InvocationSpec on first access to its type.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from importlib import import_module
from typing import Any

from invocations.spec import Exposure, FieldSpec, FieldType, InvocationSpec, OutputSpec

from .roles import Indexed
from .snapshot_data.index import INDEX

Packed = tuple[Any, ...]


def pack(spec: InvocationSpec) -> Packed:
    """Convert a spec to nested tuples of plain values; the inverse of `unpack`."""
    packed: Packed = _pack(spec)
    return packed


def _pack(value: Any) -> Any:
    if isinstance(value, FieldType):
        given: Packed = (value.base, tuple(map(_pack, value.args)), value.choices, value.kind, value.parents)
        while len(given) > 1 and not given[-1]:
            given = given[:-1]
        return given
    if isinstance(value, (InvocationSpec, FieldSpec, OutputSpec, Exposure)):
        required = tuple(_pack(getattr(value, f.name)) for f in fields(value) if f.default is MISSING)
        optional = [f for f in fields(value) if f.default is not MISSING and getattr(value, f.name) != f.default]
        return (*required, tuple((f.name, _pack(getattr(value, f.name))) for f in optional))
    if isinstance(value, tuple):
        return tuple(map(_pack, value))
    return value


def unpack(data: Packed) -> InvocationSpec:
    """Convert nested tuples, or the lists that JSON turns them into, to a spec."""
    *required, rest = data
    given = dict(rest)
    kind, title, summary, category, version, inputs, outputs = required
    if "exposures" in given:
        given["exposures"] = tuple(map(_exposure, given["exposures"]))
    for name in ("tags", "examples", "roles", "facts", "batched"):
        given[name] = tuple(given.get(name, ()))
    return InvocationSpec(
        kind, title, summary, category, version, tuple(map(_field, inputs)), tuple(map(_output, outputs)), **given
    )


def _field(data: Packed) -> FieldSpec:
    name, packed, description, rest = data
    return FieldSpec(name, _type(packed if isinstance(packed, tuple) else _tuples(packed)), description, **dict(rest))


def _output(data: Packed) -> OutputSpec:
    name, packed, description, rest = data
    return OutputSpec(name, _type(packed if isinstance(packed, tuple) else _tuples(packed)), description, **dict(rest))


def _exposure(data: Packed) -> Exposure:
    name, targets = data[0], data[1]
    return Exposure(name, tuple(map(tuple, targets)))


def _tuples(data: Any) -> Any:
    return tuple(map(_tuples, data)) if isinstance(data, list) else data


@cache
def _type(data: Packed) -> FieldType:
    base, args, *rest = (*data, ()) if len(data) == 1 else data
    return FieldType(base, tuple(map(_type, args)), *rest)


class Specs(Indexed):
    """A mapping from types to specs that unpacks each spec on first access."""

    def __init__(self, packed: Mapping[str, Packed], roles: Mapping[str, str] | None = None) -> None:
        self._packed = packed
        self._roles = roles or {}
        self._specs: dict[str, InvocationSpec] = {}

    @property
    def roles(self) -> Mapping[str, str]:
        """The type of each unique role."""
        return self._roles

    def __getitem__(self, key: str) -> InvocationSpec:
        found = self._specs.get(key)
        if found is None:
            found = self._specs[key] = unpack(self._packed[key])
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)


class Families(Mapping[str, Packed]):
    """The packed specs of all families; the module of a family is imported on first access to one of its types."""

    def __init__(self, index: Mapping[str, str]) -> None:
        self._families: dict[str, str] = {}
        self.roles: dict[str, str] = {}
        for family, entries in index.items():
            for entry in entries.split():
                name, *roles = entry.split("=")
                self._families[name] = family
                self.roles.update(dict.fromkeys(roles, name))

    def __getitem__(self, key: str) -> Packed:
        module = import_module(f"{__package__}.snapshot_data.{self._families[key]}")
        packed: Packed = module.SPECS[key]
        return packed

    def __contains__(self, key: object) -> bool:
        return key in self._families

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._families))

    def __len__(self) -> int:
        return len(self._families)


def built_in() -> Specs:
    """Return the metadata of the built-in nodes and recipes."""
    families = Families(INDEX)
    return Specs(families, families.roles)
