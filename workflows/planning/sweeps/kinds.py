"""Determine which inputs can be axes, and how several values are written for an input."""

from __future__ import annotations

from typing import Final, Literal

from invocations.graph.linking import members
from invocations.spec import FieldSpec, FieldType

Kind = Literal["numbers", "words", "repeated", ""]
NAMES: Final = frozenset({"scheduler", "model", "vae", "upscaler", "prompt_syntax"})  # kinds of strings that are names


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


def is_seed(field: FieldSpec) -> bool:
    """Whether an input takes a seed; the input `seed` of a recipe may have a default, such as `${seed=7}`."""
    return field.seed or (field.name.rpartition(".")[2] == "seed" and is_whole(field))


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
