"""Recognize an axis: several values that are written for an input that takes one."""

from __future__ import annotations

from dataclasses import replace

from invocations.language.each import EachText, read_each
from invocations.language.source import Span
from invocations.language.tree import Reference, Value, Word
from invocations.spec import FieldSpec
from workflows.planning.draft import Content, Several, is_flag, option
from workflows.planning.errors import PlanningError, planning_error
from workflows.planning.link_options import twice
from workflows.planning.read_values import WrittenInput, read_text
from workflows.planning.references import References, check_fits
from workflows.planning.scope import IsFile

from .kinds import kind_of


def axis(found: WrittenInput, references: References, *, command: str, is_file: IsFile) -> Content | None:
    """Return the content of an input with several values, or None if it has one value. Raises: PlanningError.

    found: what is written for an input that takes one value
    """
    field, first = found.field, found.values[0]
    if len(found.values) > 1:
        return _repeated(found, references, command)
    if not isinstance(first, Word) or kind_of(field) not in ("numbers", "words") or is_file(first.text):
        return None
    each = read_each(first)
    if each is None or (len(each.items) == 1 and _is_word(field, each.items[0])):
        return None
    return Content(Several(each.items), "written", found.span)


def check_repeatable(field: FieldSpec, span: Span) -> None:
    """Refuse a second value for an input that cannot be an axis. Raises: PlanningError."""
    if is_flag(field) or not kind_of(field):
        raise twice(field, span)


def _is_word(field: FieldSpec, item: object) -> bool:
    """Whether a single item is taken literally; so is a range if the input takes no numbers."""
    return isinstance(item, EachText) or kind_of(field) != "numbers"


def _repeated(found: WrittenInput, references: References, command: str) -> Content:
    """Return the values of an option that is written several times. Raises: PlanningError."""
    field = found.field
    if any(isinstance(value, Reference) for value in found.values) or _is_image(field):
        items = [_item(field, value, references, command) for value in found.values]
        return Content(items, "written", found.span, tuple(value.span for value in found.values))
    parts = []
    for value in found.values:
        assert isinstance(value, Word)
        if kind_of(field) != "repeated" and read_each(value) is not None:
            raise _axis_twice(field, found.values[1].span)
        parts.append(EachText(value.text, value.span))
    return Content(Several(tuple(parts)), "written", found.span)


def _axis_twice(field: FieldSpec, span: Span) -> PlanningError:
    message = f"`{field.name}` already has several values"
    return planning_error("axis_twice", message, span, f"write all of them at once: {option(field)} A,B,C")


def _is_image(field: FieldSpec) -> bool:
    return field.type.is_reference and kind_of(field) == "repeated"


def _item(field: FieldSpec, value: Value, references: References, command: str) -> object:
    if isinstance(value, Word):
        return read_text(field, value.text, value.span, quoted=bool(value.quote), in_line=True)
    if value.each:
        message, hint = f"`{value}` must be the only value of `{field.name}`", f"write {option(field)} {value}"
        raise planning_error("misplaced_each", message, value.span, hint)
    offer = references.offer(value, field)
    check_fits(offer, field, value.span, command=command, each=f"{replace(value, each=True)} as the only value")
    return offer
