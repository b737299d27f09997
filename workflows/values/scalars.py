"""Codecs for single values; formatting a parsed string returns a string with the same value.

An image or a model is written as a string too. Its value is an `ExternalValue`, for which planning adds a loader node.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from invocations.frozen import frozen

from .colors import canonical

YES = ("yes", "true", "on")
NO = ("no", "false", "off")
MAX_DIGITS = 300  # digits of an integer: more than any input needs, and fewer than `int()` accepts
MAX_CHOICES_SHOWN = 12  # how many choices of an enum an error lists
EXTERNAL_KINDS = frozenset({"image", "mask", "model"})  # kinds of values that a path or a name stands for
PATTERN = "*?["


class ParseError(ValueError):
    """A string cannot be read as a value of the type.

    wants: what is expected
    choices: all possible words, if they are few
    """

    def __init__(self, wants: str, choices: Sequence[str] = ()) -> None:
        super().__init__(wants)
        self.wants = wants
        self.choices = tuple(choices)


@frozen
class ExternalValue:
    """Something outside the session that a string names: an image by its path, or a model by its name."""

    kind: str
    text: str


def is_pattern(path: str, is_file: Callable[[str], bool] = lambda path: False) -> bool:
    """Return True for a glob pattern such as `*.png`; the path of an existing file is not a pattern."""
    return any(char in path for char in PATTERN) and not is_file(path)


class Codec(ABC):
    """Converts between strings and one kind of value."""

    wants = "a value"

    @abstractmethod
    def parse(self, text: str) -> Any:
        """Return the value of a string. Raises: ParseError."""

    def parse_quoted(self, text: str) -> Any:
        """Return the value of a string that was written in quotes. Raises: ParseError."""
        return self.parse(text)

    @abstractmethod
    def format(self, value: Any) -> str:
        """Return the string that `parse` reads as this value."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Return True if a value is of this kind."""

    def parse_error(self) -> ParseError:
        return ParseError(self.wants)


class NoneCodec(Codec):
    """The null value: `none`."""

    wants = "none"

    def parse(self, text: str) -> Any:
        if text != "none":
            raise self.parse_error()
        return None

    def format(self, value: Any) -> str:
        return "none"

    def holds(self, value: Any) -> bool:
        return value is None


class BoolCodec(Codec):
    """A boolean: yes/no, true/false or on/off."""

    wants = "yes or no"

    def parse(self, text: str) -> Any:
        word = text.lower()
        if word in YES or word in NO:
            return word in YES
        raise ParseError(self.wants, YES + NO)

    def format(self, value: Any) -> str:
        return YES[0] if value else NO[0]

    def holds(self, value: Any) -> bool:
        return isinstance(value, bool)


class IntCodec(Codec):
    """An integer in decimal digits."""

    wants = "a whole number"

    def parse(self, text: str) -> Any:
        digits = text[1:] if text[:1] in ("-", "+") else text
        if not (digits.isascii() and digits.isdigit()) or len(digits) > MAX_DIGITS:
            raise self.parse_error()
        return int(text)

    def format(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)


class FloatCodec(Codec):
    """A finite number: `2`, `0.5`, `1e-3`."""

    wants = "a number"

    def parse(self, text: str) -> Any:
        if not set(text) <= set("0123456789.eE+-"):
            raise self.parse_error()
        try:
            value = float(text)
        except ValueError:
            raise self.parse_error() from None
        if value in (float("inf"), float("-inf")):
            raise ParseError("a finite number")
        return value

    def format(self, value: Any) -> str:
        return repr(float(value))

    def holds(self, value: Any) -> bool:
        return isinstance(value, float)


class StrCodec(Codec):
    """Any string, unchanged."""

    wants = "a string"

    def parse(self, text: str) -> Any:
        return text

    def format(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, str)


class EnumCodec(Codec):
    """One of a fixed set of words."""

    def __init__(self, choices: tuple[str, ...]) -> None:
        self.choices = choices
        shown = ", ".join(choices[:MAX_CHOICES_SHOWN]) + (", ..." if len(choices) > MAX_CHOICES_SHOWN else "")
        self.wants = f"one of {shown}"

    def parse(self, text: str) -> Any:
        if text not in self.choices:
            raise ParseError(self.wants, self.choices)
        return text

    def format(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return value in self.choices


class ColorCodec(Codec):
    """A color in one of the forms that CSS and Pillow know; its value is `#rrggbb` or `#rrggbbaa`."""

    wants = "a color (a CSS name, #rgb[a], #rrggbb[aa], rgb(), rgba(), hsl(), hsv() or hsb())"

    def parse(self, text: str) -> Any:
        value = canonical(text)
        if value is None:
            from .colors import COLORS

            raise ParseError(self.wants, () if text.startswith("#") else tuple(COLORS))
        return value

    def format(self, value: Any) -> str:
        return str(value)

    def holds(self, value: Any) -> bool:
        return isinstance(value, str) and canonical(value) == value


class RefCodec(Codec):
    """A reference to a node's output; an image can also be given as a path, a model as a name or a path."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.wants = {
            "image": "an image (a path, or a reference such as @1)",
            "mask": "a mask (a path, or a reference such as @1)",
            "model": "a model (a name, a path, or a reference such as @1)",
        }.get(kind, f"{kind} (a reference such as @1)")

    def parse(self, text: str) -> Any:
        if not text or self.kind not in EXTERNAL_KINDS:
            raise self.parse_error()
        return ExternalValue(self.kind, text)

    def format(self, value: Any) -> str:
        return str(value.text)

    def holds(self, value: Any) -> bool:
        return isinstance(value, ExternalValue) and value.kind == self.kind
