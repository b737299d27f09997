"""Read the values written for an input: parse words by type, resolve references, check ranges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from invocations.frozen import mutable
from invocations.graph.linking import Offer
from invocations.language.did_you_mean import did_you_mean
from invocations.language.source import Span
from invocations.language.tokens import is_name
from invocations.language.tree import Reference, Value, Word
from invocations.spec import FieldSpec, FieldType
from workflows.values.codecs import (
    ExternalValue,
    ListCodec,
    ParseError,
    codec_of,
    is_pattern,
    is_text,
    item_codec,
)
from workflows.values.constraints import nearest_multiples, out_of_range
from workflows.values.positions import list_of

from .draft import Content, option
from .errors import PlanningError, planning_error
from .references import References, check_fits
from .scope import IsFile


@mutable
class WrittenInput:
    """The values written for an input, in order.

    free_text: the words of all values form one string
    paths: each word is the path of an image, in which a comma does not separate items
    """

    field: FieldSpec
    values: list[Value]
    free_text: bool = False
    paths: bool = False

    @property
    def span(self) -> Span:
        """The span from the first value to the last."""
        return Span(self.values[0].span.start, self.values[-1].span.end)


def read(written: WrittenInput, references: References, *, command: str) -> Content:
    """Return the content of an input, given the values written for it. Raises: PlanningError."""
    field, first, items = written.field, written.values[0], None
    if written.free_text:
        value: Any = read_text(field, _free_text(written), written.span)
    elif written.paths and isinstance(first, Word):
        value, items = _read_paths(written, references, command), tuple(each.span for each in written.values)
    elif len(written.values) > 1:
        value, items = _read_several(written, references, command)
    elif isinstance(first, Reference) and first.each:
        return Content(references.each(first, field, command=command), "each", written.span, spread=True)
    elif isinstance(first, Reference):
        value = references.offer(first, field)
        check_fits(value, field, written.span, command=command, each=str(replace(first, each=True)))
    else:
        value = read_text(field, first.text, written.span, quoted=bool(first.quote), in_line=True)
        items = _spans(value, first)
    return Content(value, "written", written.span, items or ())


def _spans(value: Any, word: Word) -> tuple[Span, ...]:
    """Return the places of the items of a list that a word stands for."""
    if not isinstance(value, list):
        return ()
    from .items import item_spans  # imported on demand, here and below: most values are not lists

    return item_spans(word.text, word.span, len(value), quoted=bool(word.quote))


def read_text(field: FieldSpec, text: str, span: Span, *, quoted: bool = False, in_line: bool = False) -> Any:
    """Parse a string as the value of an input, and check its range; a quoted string is one item of a list.

    in_line: whether the string is written in a line, where an input may have several values
    Raises: PlanningError.
    """
    if field.given == "linked":
        message = f"`{option(field)}` takes a reference, not a value"
        raise planning_error("not_writable", message, span, "pass a reference such as @1")
    try:
        value = parse_value(field, text, quoted=quoted)
    except ParseError as reason:
        if list_of(field.type) is not None:
            from .items import refused_item

            text, span = refused_item(text, span, codec_of(field.type), quoted=quoted)
        raise _unreadable(field, text, span, reason, quoted=quoted, in_line=in_line) from None
    check_value(field, value, span, _spans(value, Word(text, '"' if quoted else "", span)))
    return value


def parse_value(field: FieldSpec, text: str, *, quoted: bool = False) -> Any:
    """Parse a string as the value of an input; a scheduler may have another tool's name. Raises: ParseError."""
    codec = codec_of(field.type)
    value = codec.parse_quoted(text) if quoted else codec.parse(text)
    if field.completes != "scheduler" or not isinstance(value, str):
        return value
    from workflows.synonyms.samplers import own_name  # imported on demand: few lines name a scheduler

    return own_name(value)


def check_value(field: FieldSpec, value: Any, span: Span, items: Sequence[Span] = ()) -> None:
    """Refuse a value out of range and a prompt that is not Unicode.

    items: the places of the items of a list, if they are known
    Raises: PlanningError.
    """
    for item, place in zip(value, items, strict=True) if isinstance(value, list) and items else ():
        if not isinstance(item, ExternalValue):
            check_value(field, item, place)
    if isinstance(value, str) and not value.isascii() and not _is_unicode(value):
        _refuse_in_prompt(field, span)
    reason = out_of_range(field, value)
    if reason:
        raise planning_error("out_of_range", reason, span, _in_range(field, value))


def refuse_pattern(field: FieldSpec, value: Any, span: Span, is_file: IsFile) -> None:
    """Refuse a pattern for an input that takes one image and that no loop can fill. Raises: PlanningError."""
    if not isinstance(value, ExternalValue) or value.kind not in ("image", "mask") or field.primary:
        return
    if is_pattern(value.text, is_file):
        message = f"`{field.name}` takes one image, but `{value.text}` is a pattern"
        hint = f"load them one by one: `load '{value.text}' | iterate | ...`"
        raise planning_error("list_into_scalar", message, span, hint)


def _in_range(field: FieldSpec, value: Any) -> str | None:
    """Return a hint on how to write a value that is in range."""
    if field.seed and isinstance(value, int) and value < 0:
        return f"leave {option(field)} out for a random seed"
    return nearest_multiples(field, value)


def _is_unicode(text: str) -> bool:
    """Return False if a string has bytes that could not be decoded, which Python keeps as lone surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)


def _refuse_in_prompt(field: FieldSpec, span: Span) -> None:
    """Refuse a prompt with bytes that are not UTF-8; a file name may contain such bytes. Raises: PlanningError."""
    from invocations.prompt_syntax import PROMPT  # imported on demand: few lines need it

    if field.completes == PROMPT:
        raise planning_error(
            "not_utf8", f"`{field.name}` is not UTF-8", span, "enter it as UTF-8, or save its file as UTF-8"
        )


def _unreadable(
    field: FieldSpec, text: str, span: Span, reason: ParseError, *, quoted: bool = False, in_line: bool = False
) -> PlanningError:
    hint = did_you_mean(text, reason.choices)
    if hint is None and in_line:
        from .sweeps.hints import hint_for  # imported on demand: few values are refused

        hint = hint_for(field, text, quoted=quoted)
    if text.startswith("$") and is_name(text[1:]):
        hint = f"to use the variable, write `${{{text[1:]}}}`"
    shown = f"`{text}`" if text else "an empty string"
    return planning_error("bad_value", f"`{field.name}` takes {reason.wants}, not {shown}", span, hint)


def _free_text(written: WrittenInput) -> str:
    """Return the words of free text joined by single spaces. Raises: PlanningError, if one is a reference."""
    words: list[str] = []
    for value in written.values:
        if isinstance(value, Reference):
            message = f"a reference cannot be part of the text of `{written.field.name}`"
            hint = f'to use it literally, quote it: "{value}"; to insert a result into a string, use `format`'
            raise planning_error("reference_in_text", message, value.span, hint)
        words.append(value.text)
    return " ".join(words)


def _read_paths(written: WrittenInput, references: References, command: str) -> Any:
    """Return the images in one or several values: a list of images, or a single image if the input takes one."""
    field = written.field
    many = list_of(field.type)
    member = many.args[0] if many else field.type
    codec = item_codec(many) if many else codec_of(member)
    items = [
        codec.parse(value.text) if isinstance(value, Word) else _item(field, member, value, references, command)
        for value in written.values
    ]
    return items if many or len(items) > 1 else items[0]


def _read_several(written: WrittenInput, references: References, command: str) -> tuple[list[Any], tuple[Span, ...]]:
    """Return all items in several values of a list input, and their places. Raises: PlanningError."""
    wanted = list_of(written.field.type) or FieldType("list", (written.field.type,))
    codec = codec_of(wanted)
    assert isinstance(codec, ListCodec)
    items: list[Any] = []
    places: list[Span] = []
    for value in written.values:
        if isinstance(value, Word):
            found = _read_items(written.field, value, codec)
            items += found
            places += _spans(found, value)
        else:
            places.append(value.span)
            items.append(_item(written.field, wanted.args[0], value, references, command))
    return items, tuple(places)


def _read_items(field: FieldSpec, word: Word, codec: ListCodec) -> list[Any]:
    """Return the items in one of the words for a list input; a quoted word is a single item."""
    if field.given == "linked":
        read_text(field, word.text, word.span)
    try:
        if word.quote and is_text(codec.member):
            return [word.text]
        items: list[Any] = codec.parse_quoted(word.text) if word.quote else codec.parse(word.text)
    except ParseError as reason:
        from .items import refused_item

        text, span = refused_item(word.text, word.span, codec, quoted=bool(word.quote))
        raise _unreadable(field, text, span, reason, in_line=True) from None
    check_value(field, items, word.span, _spans(items, word))
    return items


def _item(field: FieldSpec, member: FieldType, reference: Reference, references: References, command: str) -> Offer:
    """Return the output that a reference among several items refers to. Raises: PlanningError."""
    if reference.each:
        message = f"`{reference}` must be the only value of `{field.name}`"
        raise planning_error("misplaced_each", message, reference.span, "write the other values on another line")
    offer = references.offer(reference, field)
    check_fits(offer, replace(field, type=member), reference.span, command=command)
    return offer
