"""Field kinds and text: one small class per kind, both directions; text -> value -> text is the identity.

A picture or a model is written as text too: its value is an `Outside`, which planning turns into a node that loads it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from invocations.spec import FieldType

from .colors import canonical

YES = ("yes", "true", "on")
NO = ("no", "false", "off")
MOST_DIGITS = 300  # far beyond any input, far below int()'s own limit
MOST_CHOICES = 12  # of an enum, told in a refusal
LOADED_BY = {"image": "load", "mask": "load", "model": "model"}  # the node that brings in what a text names
PATTERN = "*?"


class Unreadable(ValueError):
    """A text that is no value of its kind: what is wanted instead, and the words that were possible."""

    def __init__(self, wants: str, choices: Sequence[str] = ()) -> None:
        super().__init__(wants)
        self.wants = wants
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Outside:
    """Something outside the session that a text names: a picture's path, a model's name."""

    kind: str
    text: str

    @property
    def is_pattern(self) -> bool:
        """Tell whether the text is a glob."""
        return any(char in self.text for char in PATTERN)


class Kind(ABC):
    """One kind of value and its text."""

    wants = "a value"

    @abstractmethod
    def read(self, text: str) -> Any:
        """Return the value of a text. Raises: Unreadable."""

    @abstractmethod
    def write(self, value: Any) -> str:
        """Return the text that reads as the value."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Tell whether a value is of this kind."""

    def unreadable(self) -> Unreadable:
        return Unreadable(self.wants)


class NoneKind(Kind):
    """Nothing: `none`."""

    wants = "none"

    def read(self, text: str) -> Any:
        if text != "none":
            raise self.unreadable()
        return None

    def write(self, value: Any) -> str:
        return "none"

    def holds(self, value: Any) -> bool:
        return value is None


class BoolKind(Kind):
    """Yes or no, also true/false and on/off."""

    wants = "yes or no"

    def read(self, text: str) -> Any:
        word = text.lower()
        if word in YES or word in NO:
            return word in YES
        raise Unreadable(self.wants, YES + NO)

    def write(self, value: Any) -> str:
        return YES[0] if value else NO[0]

    def holds(self, value: Any) -> bool:
        return isinstance(value, bool)


class IntKind(Kind):
    """A whole number in decimal digits."""

    wants = "a whole number"

    def read(self, text: str) -> Any:
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not (digits.isascii() and digits.isdigit()) or len(digits) > MOST_DIGITS:
            raise self.unreadable()
        return int(text)

    def write(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)


class FloatKind(Kind):
    """A finite number: `2`, `0.5`, `1e-3`."""

    wants = "a number"

    def read(self, text: str) -> Any:
        if not set(text) <= set("0123456789.eE+-"):
            raise self.unreadable()
        try:
            value = float(text)
        except ValueError:
            raise self.unreadable() from None
        if value in (float("inf"), float("-inf")):
            raise Unreadable("a finite number")
        return value

    def write(self, value: Any) -> str:
        return repr(float(value))

    def holds(self, value: Any) -> bool:
        return isinstance(value, float)


class StrKind(Kind):
    """Any text, as it is."""

    wants = "a text"

    def read(self, text: str) -> Any:
        return text

    def write(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, str)


class EnumKind(Kind):
    """One of a few words."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        shown = ", ".join(choices[:MOST_CHOICES]) + (", ..." if len(choices) > MOST_CHOICES else "")
        self.wants = f"one of {shown}"

    def read(self, text: str) -> Any:
        if text not in self.choices:
            raise Unreadable(self.wants, self.choices)
        return text

    def write(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return value in self.choices


class ColorKind(Kind):
    """A colour: `#rgb`, `#rrggbb`, `#rrggbbaa` or a CSS name; its value is the hexadecimal form."""

    wants = "a colour (#rrggbb or a CSS name)"

    def read(self, text: str) -> Any:
        value = canonical(text)
        if value is None:
            from .colors import COLORS

            raise Unreadable(self.wants, () if text.startswith("#") else tuple(COLORS))
        return value

    def write(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, str) and canonical(value) == value


class RefKind(Kind):
    """What a node gives to another; a picture is also written as a path, a model as a name or a path."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.wants = {
            "image": "a picture (a path, or a reference such as @1)",
            "mask": "a mask (a path, or a reference such as @1)",
            "model": "a model (a name, a path, or a reference such as @1)",
        }.get(kind, f"{kind} (a reference such as @1)")

    def read(self, text: str) -> Any:
        if not text or self.kind not in LOADED_BY:
            raise self.unreadable()
        return Outside(self.kind, text)

    def write(self, value: Any) -> str:
        return str(value.text)

    def holds(self, value: Any) -> bool:
        return isinstance(value, Outside) and value.kind == self.kind


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
