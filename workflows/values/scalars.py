"""Kinds of single values and their text, each with both directions: text -> value -> text is the identity.

A picture or a model is written as text too: its value is an `Outside`, which planning turns into a node that loads it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
