"""Write a segment of a graph as a stage, and decide which values and links are left to planning."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from invocations.frozen import frozen
from invocations.language.printer import as_word
from invocations.language.tree import Argument, Option, Positional, Reference, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.draft import AXES, is_flag
from workflows.planning.sweeps.gather import LEFT_OUT
from workflows.values.codecs import ExternalValue, ParseError, codec_of
from workflows.values.constraints import number_text
from workflows.values.positions import list_of

from .segments import End, Segment

References = Mapping[
    End, tuple[str | int, str | None]
]  # the name or number of a stage, and the output; None is the primary one
VARIABLE = "${"
NO_TEXT = (StopIteration, ParseError, ValueError, TypeError, AttributeError, LookupError, RecursionError)


class NoText(Exception):
    """A value cannot be written as text."""


@frozen
class Style:
    """How a stage is written.

    full: write all values, even those that equal the default
    positional: write the primary input as a positional argument, unless it is piped in
    piped: write the link into the primary input
    linked: write the links into the other inputs
    alone: write --no-link, which allows only written links
    axes: write the axes of a sweep, which planning otherwise fills in
    """

    full: bool = False
    positional: bool = True
    piped: bool = False
    linked: bool = False
    alone: bool = False
    axes: bool = False


STYLES = tuple(
    Style(full, positional, piped, linked, alone, axes)
    for full in (False, True)
    for positional in (True, False)
    for piped, linked, alone in (
        (False, False, False), (False, True, False), (True, False, False), (True, True, False), (True, True, True),
    )
    for axes in (False, True)
)  # fmt: skip


def write_stage(segment: Segment, style: Style, references: References, also: Collection[str] = ()) -> Stage:
    """Return a stage for a segment, with positional arguments before options.

    also: inputs that are written even if the segment does not set them
    Raises: NoText.
    """
    segment = replace(segment, values={**_defaults(segment, style, also), **segment.values})
    written = {f.name: f for f in segment.spec.inputs if f.name in also or _is_written(segment, f, style)}
    written = {name: field for name, field in written.items() if name in segment.values}
    arguments: list[Argument] = []
    for field in _positional(segment, written, style):
        arguments.append(Positional(word_of(text_of(field, segment.values[field.name]))))
        del written[field.name]
    for field in written.values():
        arguments += _option(field, segment.values[field.name])
    for field in _linked(segment, style):
        name, output = references[segment.links[field.name]]
        reference = Reference(name, output)
        if is_flag(field):
            arguments.append(Option(_dashed(field), reference, glued=True))
        else:
            arguments += [Option(_dashed(field)), Positional(reference)]
    if style.alone:
        arguments.append(Option("no-link"))
    return Stage(Word(segment.spec.type), tuple(arguments))


def named(stage: Stage, spec: InvocationSpec, name: str | None) -> Stage:
    """Return a stage with a name, written as `--as NAME` if the stage takes free text."""
    return replace(stage, name=name, as_option=name is not None and any(field.free_text for field in spec.inputs))


def links_in(segment: Segment, style: Style) -> list[End]:
    """Return the outputs that a stage refers to if it is written in the given style."""
    return [segment.links[field.name] for field in _linked(segment, style)]


def _linked(segment: Segment, style: Style) -> list[FieldSpec]:
    return [f for f in segment.spec.inputs if f.name in segment.links and (style.piped if f.primary else style.linked)]


def text_of(field: FieldSpec, value: Any) -> str:
    """Return the text that an input parses to this value. Raises: NoText."""
    codec = codec_of(field.type)
    value = list(value) if isinstance(value, tuple) else value
    try:
        short = number_text(value) if isinstance(value, float) else ""
        texts = (*([short] if short else []), codec.format(value))
        return next(text for text in texts if repr(codec.parse(text)) == repr(value))
    except NO_TEXT as error:
        raise NoText(field.name) from error


def word_of(text: str) -> Word:
    """Return a string as a word, in single quotes if a script would read a variable in it."""
    if VARIABLE in text and not any(char in text for char in "'\n\t"):
        return Word(text, "'")
    return as_word(text)


def is_kept(field: FieldSpec) -> bool:
    """Return True for a model or a seed, which is written even if its value is the default."""
    return field.seed or field.completes == "model" or field.type.kind == "model" or field.name == "seed"


def _defaults(segment: Segment, style: Style, also: Collection[str]) -> dict[str, Any]:
    """Return the defaults of the inputs that are not set but will be written."""
    found = {}
    for field in segment.spec.inputs:
        wanted = field.name in also or style.full
        if not wanted or field.required or field.name in segment.links or field.type.is_reference or field.seed:
            continue
        with suppress(NoText):
            text_of(field, field.default)
            found[field.name] = field.default
    return found


def _is_written(segment: Segment, field: FieldSpec, style: Style) -> bool:
    if field.name not in segment.values or (field.name in (AXES, LEFT_OUT) and not style.axes):
        return False
    value = segment.values[field.name]
    if value is None and not style.full:
        return False
    usual = value.text if isinstance(value, ExternalValue) else value
    shown = field.required or is_kept(field) or (field.position is not None and value != "")
    return style.full or shown or usual != field.usual


def _positional(segment: Segment, written: Mapping[str, FieldSpec], style: Style) -> list[FieldSpec]:
    """Return the inputs written as positional arguments: in order, up to the first input that is not written."""
    found: list[FieldSpec] = []
    slots = sorted((f for f in segment.spec.inputs if f.position is not None), key=lambda f: f.position or 0)
    for field in slots:
        if field.name in segment.links and field.primary:
            continue
        if field.name not in written or (field.primary and not style.positional):
            break
        found.append(field)
        if field.free_text or list_of(field.type):
            break
    return found


def _option(field: FieldSpec, value: Any) -> list[Argument]:
    if not is_flag(field):
        return [Option(_dashed(field)), Positional(word_of(text_of(field, value)))]
    if not isinstance(value, bool):
        raise NoText(field.name)
    return [Option(_dashed(field) if value else f"no-{_dashed(field)}")]


def _dashed(field: FieldSpec) -> str:
    return field.name.replace("_", "-")
