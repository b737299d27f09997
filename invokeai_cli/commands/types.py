"""Field kinds and text: which kind reads and writes the values of a type."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from invocations.spec import FieldType

from .compound import AnyKind, JsonKind, ListKind, UnionKind
from .kinds import (
    LOADED_BY,
    BoolKind,
    ColorKind,
    EnumKind,
    FloatKind,
    IntKind,
    Kind,
    NoneKind,
    Outside,
    RefKind,
    StrKind,
    Unreadable,
)

__all__ = ["LOADED_BY", "Kind", "ListKind", "Outside", "StrKind", "Unreadable", "kind_of", "type_of"]

SIMPLE: dict[str, type[Kind]] = {
    "none": NoneKind,
    "bool": BoolKind,
    "int": IntKind,
    "float": FloatKind,
    "str": StrKind,
    "color": ColorKind,
    "json": JsonKind,
    "any": AnyKind,
}


@lru_cache(maxsize=1024)
def kind_of(field_type: FieldType) -> Kind:
    """Return the kind that reads and writes values of a type."""
    if field_type.base == "enum":
        return EnumKind(field_type.choices)
    if field_type.base == "ref":
        return RefKind(field_type.kind)
    if field_type.base == "list":
        return ListKind(kind_of(field_type.args[0]))
    if field_type.base == "union":
        return UnionKind([kind_of(member) for member in field_type.args])
    return SIMPLE[field_type.base]()


def type_of(value: Any) -> FieldType:
    """Return the type of a written value, as links see it."""
    if isinstance(value, Outside):
        return FieldType("ref", kind=value.kind)
    if isinstance(value, list):
        members = {type_of(item): None for item in value}
        if not members:
            return FieldType("list", (FieldType("any"),))
        only = next(iter(members))
        return FieldType("list", (only if len(members) == 1 else FieldType("union", tuple(members)),))
    for base in ("none", "bool", "int", "float", "str"):
        if SIMPLE[base]().holds(value):
            return FieldType(base)
    return FieldType("json")
