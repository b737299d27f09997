"""Kinds that are made of other kinds, or whose text tells what they are: JSON, anything, lists, unions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .scalars import (
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


class JsonKind(Kind):
    """Anything structured, as JSON."""

    wants = "JSON"

    def read(self, text: str) -> Any:
        return _from_json(text, self)

    def write(self, value: Any) -> str:
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return value is None or isinstance(value, (bool, int, float, str, list, dict))


class AnyKind(Kind):
    """Whatever the text looks like: a number, true/false, none, JSON, else a text."""

    wants = "a value"

    def read(self, text: str) -> Any:
        if text in ("none", "true", "false"):
            return {"none": None, "true": True, "false": False}[text]
        for kind in (IntKind(), FloatKind()):
            try:
                return kind.read(text)
            except Unreadable:
                continue
        if text[:1] in ("[", "{", '"'):
            try:
                return _from_json(text, self)
            except Unreadable:
                return text
        return text

    def write(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None:
            return "none"
        if isinstance(value, str):
            return value if _same(self.read(value), value) else _to_json(value)
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return value is None or isinstance(value, (bool, int, float, str, list, dict))


class ListKind(Kind):
    """Values between commas, or a JSON list where an item holds a comma itself."""

    def __init__(self, member: Kind) -> None:
        self.member = member
        self.wants = f"{member.wants} for each item"

    def read(self, text: str) -> Any:
        if text.startswith("["):
            items = _from_json(text, self)
            return [self._item(item) for item in items]
        return [self._read(part.strip()) for part in text.split(",")] if text else []

    def _item(self, item: Any) -> Any:
        if self.member.holds(item):
            return item
        if isinstance(item, int) and not isinstance(item, bool) and self.member.holds(float(item)):
            return float(item)
        if isinstance(item, list) and isinstance(self.member, ListKind):
            return [self.member._item(inner) for inner in item]
        if not isinstance(item, str):
            raise self.unreadable()
        return self._read(item)

    def _read(self, text: str) -> Any:
        try:
            return self.member.read(text)
        except Unreadable as reason:
            raise Unreadable(self.wants, reason.choices) from None

    def write(self, value: Any) -> str:
        text = ",".join(self.member.write(item) for item in value)
        try:
            if _same(self.read(text), value):
                return text
        except Unreadable:
            pass
        return _to_json(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, list) and all(self.member.holds(item) for item in value)

    def claims(self, text: str) -> bool:
        """Tell whether a text looks like a list rather than one item of it."""
        if text.startswith("["):
            return True
        if isinstance(self.member, (StrKind, AnyKind, JsonKind)):
            return False
        return "," in text or (isinstance(self.member, RefKind) and Outside("", text).is_pattern)


class UnionKind(Kind):
    """The first of several kinds that fits, the most specific first; a text in JSON quotes is a text."""

    def __init__(self, members: Sequence[Kind]) -> None:
        self.members = sorted(members, key=lambda kind: SPECIFIC.index(type(kind)))
        wants = {kind.wants: None for kind in self.members if not isinstance(kind, NoneKind)}
        if FloatKind.wants in wants:
            wants.pop(IntKind.wants, None)
        self.wants = " or ".join(wants)

    def read(self, text: str) -> Any:
        if text.startswith('"') and (said := self._said(text)) is not None:
            return said
        refused: list[Unreadable] = []
        for kind in sorted(self.members, key=lambda kind: _eagerness(kind, text)):
            try:
                return kind.read(text)
            except Unreadable as reason:
                refused.append(reason)
        real = [reason for reason in refused if reason.wants != NoneKind.wants]
        if len(real) == 1:
            raise real[0]
        raise Unreadable(self.wants, [word for reason in real for word in reason.choices])

    def _said(self, text: str) -> str | None:
        try:
            value = _from_json(text, self)
        except Unreadable:
            return None
        return value if any(kind.holds(value) for kind in self.members) else None

    def write(self, value: Any) -> str:
        kind = next((kind for kind in self.members if kind.holds(value)), self.members[-1])
        text = kind.write(value)
        return text if _same(self.read(text), value) else _to_json(value)

    def holds(self, value: Any) -> bool:
        return any(kind.holds(value) for kind in self.members)


SPECIFIC: list[type[Kind]] = [NoneKind, BoolKind, IntKind, FloatKind, ColorKind, EnumKind, RefKind, UnionKind]
SPECIFIC += [ListKind, JsonKind, AnyKind, StrKind]


def _eagerness(kind: Kind, text: str) -> int:
    """Put a list first where the text looks like one, else last; sorting keeps the others as they are."""
    if not isinstance(kind, ListKind):
        return 1
    return 0 if kind.claims(text) else 2


def _same(a: Any, b: Any) -> bool:
    """Tell whether two values are equal and of equal types, also inside lists."""
    return repr(a) == repr(b)


def _from_json(text: str, kind: Kind) -> Any:
    import json  # brings `re`: only for texts that need it

    def refuse(_: str) -> Any:
        raise kind.unreadable()

    try:
        return json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as reason:
        raise (reason if isinstance(reason, Unreadable) else kind.unreadable()) from None


def _to_json(value: Any) -> str:
    import json

    def plain(item: Any) -> str:
        return str(item.text)

    return json.dumps(value, ensure_ascii=False, default=plain)
