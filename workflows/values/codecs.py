"""Find the codec that parses and formats the values of a type."""

from __future__ import annotations

from functools import lru_cache

from invocations.spec import FieldType

from .compound import AnyCodec, JsonCodec, ListCodec, UnionCodec, is_text
from .scalars import (
    EXTERNAL_KINDS,
    BoolCodec,
    Codec,
    ColorCodec,
    EnumCodec,
    ExternalValue,
    FloatCodec,
    IntCodec,
    NoneCodec,
    ParseError,
    RefCodec,
    StrCodec,
    is_pattern,
)

__all__ = [
    "EXTERNAL_KINDS",
    "Codec",
    "ExternalValue",
    "ListCodec",
    "ParseError",
    "codec_of",
    "is_pattern",
    "is_text",
    "item_codec",
]

SIMPLE: dict[str, type[Codec]] = {
    "none": NoneCodec,
    "bool": BoolCodec,
    "int": IntCodec,
    "float": FloatCodec,
    "str": StrCodec,
    "color": ColorCodec,
    "json": JsonCodec,
    "any": AnyCodec,
}


@lru_cache(maxsize=1024)
def codec_of(field_type: FieldType) -> Codec:
    """Return the codec for values of a type."""
    if field_type.base == "enum":
        return EnumCodec(field_type.choices)
    if field_type.base == "ref":
        return RefCodec(field_type.kind)
    if field_type.base == "list":
        return ListCodec(item_codec(field_type))
    if field_type.base == "union":
        return UnionCodec([codec_of(member) for member in field_type.args])
    return SIMPLE[field_type.base]()


def item_codec(list_type: FieldType) -> Codec:
    """Return the codec for the items of a list, which are never None: only a link carries lists with missing items."""
    item = list_type.args[0]
    members = tuple(member for member in item.args if member.base != "none") if item.base == "union" else ()
    return codec_of(members[0] if len(members) == 1 else item)
