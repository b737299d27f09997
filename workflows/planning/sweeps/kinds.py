"""Which inputs may be an axis, and how several values are written for them."""

from __future__ import annotations

from typing import Final, Literal

from invocations.graph.linking import members
from invocations.language.each import EachRange, read_each
from invocations.language.tree import Word
from invocations.spec import FieldSpec, FieldType
from workflows.values.positions import list_of

Kind = Literal["numbers", "words", "repeated", ""]
NAMES: Final = frozenset({"scheduler", "model", "upscaler", "prompt_syntax"})  # strings that are the names of things


def kind_of(field: FieldSpec) -> Kind:
    """Return how several values for an input that takes one are written.

    "numbers": separated by commas, or as ranges. "words": separated by commas. "repeated": only by writing the option
    again, because a comma may be part of a value. "": the input has no axis.
    """
    kinds = {_kind(field, member) for member in members(field.type) if member.base != "none"}
    if "" in kinds or field.given == "linked":
        return ""
    return next((kind for kind in ("repeated", "words", "numbers") if kind in kinds), "")


def is_whole(field: FieldSpec) -> bool:
    """Whether the numbers of an input are integers."""
    return all(member.base in ("int", "none") for member in members(field.type))


def _kind(field: FieldSpec, member: FieldType) -> Kind:
    if member.base in ("int", "float"):
        return "numbers"
    if member.base in ("bool", "enum"):
        return "words"
    if member.base == "str":
        return "words" if field.completes in NAMES else "repeated"
    if member.base == "ref":
        return "words" if member.kind == "model" else "repeated"
    return "repeated" if member.base == "color" else ""


def hint_for(field: FieldSpec, text: str, *, quoted: bool) -> str | None:
    """Return a hint for text that is refused but could mean several values: in quotes, or as a range in a list."""
    each = read_each(Word(text))
    if each is None:
        return None
    if quoted and kind_of(field) in ("numbers", "words"):
        return f"to use several values, write {text} without quotes"
    if list_of(field.type) is not None and any(isinstance(item, EachRange) for item in each.items):
        return "a list takes no ranges: write its items, or link the list that `range` returns"
    return None
