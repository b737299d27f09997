"""A piece of a graph written as a stage: which values are said, which links, and which are left to planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from invocations.language.printer import as_word
from invocations.language.tree import Argument, Option, Positional, Reference, Stage, Word
from invocations.spec import FieldSpec
from workflows.planning.bind import is_flag
from workflows.planning.read_values import list_of
from workflows.values.codecs import Outside, Unreadable, kind_of
from workflows.values.constraints import number_text

from .segments import End, Piece

Given = Mapping[End, tuple[str | int, str | None]]  # who gives an output: its stage's name or number, and the output's
VARIABLE = "${"
UNSAYABLE = (StopIteration, Unreadable, ValueError, TypeError, AttributeError, LookupError, RecursionError)


class Unsayable(Exception):
    """A value that no text stands for."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a stage is written: all values or only those that are no default, and which links."""

    full: bool = False
    bare: bool = True  # bare words fill the primary input too, where nothing comes through the bar
    piped: bool = False  # the link into the primary input is written too
    linked: bool = False  # the links into the other inputs are written
    alone: bool = False  # nothing is linked that is not written


MANNERS = tuple(
    Manner(full, bare, piped, linked, alone)
    for full in (False, True)
    for bare in (True, False)
    for piped, linked, alone in (
        (False, False, False), (False, True, False), (True, False, False), (True, True, False), (True, True, True),
    )
)  # fmt: skip


def write_stage(piece: Piece, manner: Manner, given: Given, also: Collection[str] = ()) -> Stage:
    """Return a stage that says a piece; bare words first, then options; `also` are inputs said even if left open.

    Raises: Unsayable.
    """
    piece = replace(piece, values={**_open(piece, manner, also), **piece.values})
    said = {f.name: f for f in piece.spec.inputs if f.name in also or _is_said(piece, f, manner)}
    said = {name: field for name, field in said.items() if name in piece.values}
    arguments: list[Argument] = []
    for field in _bare(piece, said, manner):
        arguments.append(Positional(word_of(text_of(field, piece.values[field.name]))))
        del said[field.name]
    for field in said.values():
        arguments += _option(field, piece.values[field.name])
    for field in _linked(piece, manner):
        name, output = given[piece.links[field.name]]
        reference = Reference(name, output)
        if is_flag(field):
            arguments.append(Option(_dashed(field), reference, glued=True))
        else:
            arguments += [Option(_dashed(field)), Positional(reference)]
    if manner.alone:
        arguments.append(Option("no-link"))
    return Stage(Word(piece.spec.type), tuple(arguments))


def links_in(piece: Piece, manner: Manner) -> list[End]:
    """Return the outputs that a stage refers to when it is written in a manner."""
    return [piece.links[field.name] for field in _linked(piece, manner)]


def _linked(piece: Piece, manner: Manner) -> list[FieldSpec]:
    return [f for f in piece.spec.inputs if f.name in piece.links and (manner.piped if f.primary else manner.linked)]


def text_of(field: FieldSpec, value: Any) -> str:
    """Return the text that reads as a value at an input. Raises: Unsayable."""
    kind = kind_of(field.type)
    value = list(value) if isinstance(value, tuple) else value
    try:
        short = number_text(value) if isinstance(value, float) else ""
        texts = (*([short] if short else []), kind.write(value))
        return next(text for text in texts if repr(kind.read(text)) == repr(value))
    except UNSAYABLE as error:
        raise Unsayable(field.name) from error


def word_of(text: str) -> Word:
    """Return the word that stands for a text; where it looks like a script's variable, in quotes that keep it."""
    if VARIABLE in text and not any(char in text for char in "'\n\t"):
        return Word(text, "'")
    return as_word(text)


def is_kept(field: FieldSpec) -> bool:
    """Tell whether an input is written out though it is the default: models and seeds."""
    return field.seed or field.completes == "model" or field.type.kind == "model" or field.name == "seed"


def _open(piece: Piece, manner: Manner, also: Collection[str]) -> dict[str, Any]:
    """Return the defaults of inputs that were left open and are to be said."""
    found = {}
    for field in piece.spec.inputs:
        wanted = field.name in also or manner.full
        if not wanted or field.required or field.name in piece.links or field.type.is_reference or field.seed:
            continue
        with suppress(Unsayable):
            text_of(field, field.default)
            found[field.name] = field.default
    return found


def _is_said(piece: Piece, field: FieldSpec, manner: Manner) -> bool:
    if field.name not in piece.values:
        return False
    value = piece.values[field.name]
    if value is None and not manner.full:
        return False
    usual = value.text if isinstance(value, Outside) else value
    shown = field.required or is_kept(field) or (field.position is not None and value != "")
    return manner.full or shown or usual != field.default


def _bare(piece: Piece, said: Mapping[str, FieldSpec], manner: Manner) -> list[FieldSpec]:
    """Return the inputs that bare words fill: in order, without a gap."""
    found: list[FieldSpec] = []
    slots = sorted((f for f in piece.spec.inputs if f.position is not None), key=lambda f: f.position or 0)
    for field in slots:
        if field.name in piece.links and field.primary:
            continue
        if field.name not in said or (field.primary and not manner.bare):
            break
        found.append(field)
        if field.free_text or list_of(field.type):
            break
    return found


def _option(field: FieldSpec, value: Any) -> list[Argument]:
    if not is_flag(field):
        return [Option(_dashed(field)), Positional(word_of(text_of(field, value)))]
    if not isinstance(value, bool):
        raise Unsayable(field.name)
    return [Option(_dashed(field) if value else f"no-{_dashed(field)}")]


def _dashed(field: FieldSpec) -> str:
    return field.name.replace("_", "-")
