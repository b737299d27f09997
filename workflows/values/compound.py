"""Codecs for compound values: JSON, lists, unions, and values of any type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from .scalars import (
    BoolCodec,
    Codec,
    ColorCodec,
    EnumCodec,
    FloatCodec,
    IntCodec,
    NoneCodec,
    ParseError,
    RefCodec,
    StrCodec,
    is_pattern,
)


class JsonCodec(Codec):
    """Any JSON value."""

    wants = "JSON"

    def parse(self, text: str) -> Any:
        return _from_json(text, self)

    def format(self, value: Any) -> str:
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return value is None or isinstance(value, (bool, int, float, str, list, dict))


class AnyCodec(Codec):
    """A value of any type; the string determines which: a number, true or false, none, JSON, or else a string."""

    wants = "a value"

    def parse(self, text: str) -> Any:
        if text in ("none", "true", "false"):
            return {"none": None, "true": True, "false": False}[text]
        for codec in (IntCodec(), FloatCodec()):
            try:
                return codec.parse(text)
            except ParseError:
                continue
        if text[:1] in ("[", "{", '"'):
            try:
                return _from_json(text, self)
            except ParseError:
                return text
        return text

    def format(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None:
            return "none"
        if isinstance(value, str):
            return value if _same(self.parse(value), value) else _to_json(value)
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return value is None or isinstance(value, (bool, int, float, str, list, dict))


class ListCodec(Codec):
    """Comma-separated values, or a JSON list; a comma inside a quoted item does not separate items."""

    def __init__(self, member: Codec) -> None:
        self.member = member
        self.wants = f"{member.wants} for each item"

    def parse(self, text: str) -> Any:
        if text.startswith("["):
            items = _from_json(text, self)
            return [self._item(item) for item in items]
        return [self._read(part) for part, _, _ in split_items(text)] if text else []

    def parse_quoted(self, text: str) -> Any:
        """Return the items of a quoted string: one item, unless it is a JSON list or its items are not strings."""
        if not (isinstance(self.member, TEXTS) or is_text(self.member)) or not text or "," not in text:
            return self.parse(text)
        if text.startswith("["):
            with suppress(ParseError):
                return self.parse(text)
        return [self._read(text)]

    def _item(self, item: Any) -> Any:
        if self.member.holds(item):
            return item
        if isinstance(item, int) and not isinstance(item, bool) and self.member.holds(float(item)):
            return float(item)
        if isinstance(item, list) and isinstance(self.member, ListCodec):
            return [self.member._item(inner) for inner in item]
        if not isinstance(item, str):
            raise self.parse_error()
        return self._read(item)

    def _read(self, text: str) -> Any:
        try:
            return self.member.parse(text)
        except ParseError as reason:
            raise ParseError(self.wants, reason.choices) from None

    def format(self, value: Any) -> str:
        from invocations.language.printer import as_word
        from invocations.language.variables import MARK

        text = ",".join(self.member.format(item) for item in value)
        try:
            if _same(self.parse(text), value) and (len(value) < 2 or not (as_word(text).quote or MARK in text)):
                return text
        except ParseError:
            pass
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, list) and all(self.member.holds(item) for item in value)

    def claims(self, text: str) -> bool:
        """Return True if a string looks like a list rather than a single item."""
        if text.startswith("["):
            return True
        if isinstance(self.member, (AnyCodec, JsonCodec)) or is_text(self.member):
            return False
        return "," in text or (isinstance(self.member, RefCodec) and is_pattern(text))


class UnionCodec(Codec):
    """A value of one of several types: the first that accepts the string, tried from the most to the least specific.

    A string in JSON quotes is always read as a string. If strings are accepted, `1.50` and `007` are strings, because
    the number would be written differently.
    """

    def __init__(self, members: Sequence[Codec]) -> None:
        self.members = sorted(members, key=lambda codec: SPECIFIC.index(type(codec)))
        wants = {codec.wants: None for codec in self.members if not isinstance(codec, NoneCodec)}
        if FloatCodec.wants in wants:
            wants.pop(IntCodec.wants, None)
        self.wants = " or ".join(wants)

    def parse(self, text: str) -> Any:
        return self._first(text, lambda codec: codec.parse(text))

    def parse_quoted(self, text: str) -> Any:
        return self._first(text, lambda codec: codec.parse_quoted(text))

    def _first(self, text: str, read: Callable[[Codec], Any]) -> Any:
        """Return the value read by the first member type that accepts the string. Raises: ParseError."""
        if text.startswith('"') and (quoted := self._quoted(text)) is not None:
            return quoted
        refused: list[ParseError] = []
        for codec in sorted(self.members, key=lambda codec: _eagerness(codec, text)):
            try:
                value = read(codec)
            except ParseError as reason:
                refused.append(reason)
                continue
            if not (is_text(self) and type(value) in (int, float) and codec.format(value) != text):
                return value
        real = [reason for reason in refused if reason.wants != NoneCodec.wants]
        if len(real) == 1:
            raise real[0]
        raise ParseError(self.wants, [word for reason in real for word in reason.choices])

    def _quoted(self, text: str) -> str | None:
        try:
            value = _from_json(text, self)
        except ParseError:
            return None
        return value if any(codec.holds(value) for codec in self.members) else None

    def format(self, value: Any) -> str:
        codec = next((codec for codec in self.members if codec.holds(value)), self.members[-1])
        text = codec.format(value)
        return text if _same(self.parse(text), value) else _to_json(value)

    def holds(self, value: Any) -> bool:
        return any(codec.holds(value) for codec in self.members)


SPECIFIC: list[type[Codec]] = [NoneCodec, BoolCodec, IntCodec, FloatCodec, ColorCodec, EnumCodec, RefCodec, UnionCodec]
SPECIFIC += [ListCodec, JsonCodec, AnyCodec, StrCodec]


TEXTS = (StrCodec, AnyCodec, JsonCodec, RefCodec)  # codecs for items that may contain a comma


def is_text(codec: Codec) -> bool:
    """Return True if a codec accepts every string as it is written."""
    return isinstance(codec, StrCodec) or (isinstance(codec, UnionCodec) and any(map(is_text, codec.members)))


def split_items(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the parts between commas without the spaces around them, each with its place and its length in the text.

    A part in quotes keeps its commas; its place and its length include the quotes.
    """
    at, comma = 0, ","
    while comma:
        rest = text[at:].lstrip()
        at = len(text) - len(rest)
        end = _end_of_quotes(rest)
        part, comma, _ = rest[end + 1 if end else 0 :].partition(",")
        yield (rest[1:end], at, end + 1) if end else (part.rstrip(), at, len(part.rstrip()))
        at += (end + 1 if end else 0) + len(part) + len(comma)


def _end_of_quotes(text: str) -> int:
    """Return where the quotes around an item end; 0 if the item is not fully quoted, or contains no comma."""
    end = text.find(text[0], 1) if text[:1] in ("'", '"') else -1
    holds = "," in text[1 : max(end, 1)] and text[end + 1 :].lstrip()[:1] in ("", ",")
    return end if holds else 0


def _eagerness(codec: Codec, text: str) -> int:
    """Return a sort key: lists are tried first if the string looks like a list, otherwise last."""
    if not isinstance(codec, ListCodec):
        return 1
    return 0 if codec.claims(text) else 2


def _same(a: Any, b: Any) -> bool:
    """Return True if two values are equal and have the same types, including the items of lists."""
    return repr(a) == repr(b)


def _from_json(text: str, codec: Codec) -> Any:
    import json  # imports `re`, so it is imported only when it is needed

    def refuse(_: str) -> Any:
        raise codec.parse_error()

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as reason:
        raise (reason if isinstance(reason, ParseError) else codec.parse_error()) from None


def _to_json(value: Any) -> str:
    import json

    def plain(item: Any) -> str:
        return str(item.text)

    return json.dumps(value, ensure_ascii=False, default=plain)
