"""Field kinds and text: which kind reads and writes the values of a type."""

from __future__ import annotations

from functools import lru_cache

from invocations.spec import FieldType

from .compound import AnyKind, JsonKind, ListKind, UnionKind
from .scalars import (
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

__all__ = ["LOADED_BY", "Kind", "ListKind", "Outside", "StrKind", "Unreadable", "kind_of"]

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
