"""Check the models, schedulers and files that values name before anything runs; a callback knows which exist."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from invocations.frozen import frozen
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.spec import FieldSpec
from workflows.values.codecs import ExternalValue
from workflows.values.positions import looks_like_image

from .draft import Content, Draft, Several, option

AXIS_FIELDS = "axis fields"  # stands, among the values of a stage, for the fields of file names that its axes fill


@frozen
class Objection:
    """Why a value is refused, such as an unknown model or an impossible file name."""

    code: str
    message: str
    hint: str | None = None


Check = Callable[
    [FieldSpec, Any, Mapping[str, Any]], Objection | None
]  # its arguments: an input, the input's value, and the plain values and AXIS_FIELDS of the stage


def objections(draft: Draft, check: Check | None) -> Iterator[LanguageError]:
    """Yield an error for each value that names an unknown model, scheduler or file, or that no placeholder uses."""
    if check is not None:
        yield from _refused(draft, check)
    if "placeholders" in [field.completes for field in draft.spec.inputs]:
        from .placeholders import unused_values  # imported on demand: few lines have a template

        yield from unused_values(draft)


def _refused(draft: Draft, check: Check) -> Iterator[LanguageError]:
    """Yield an error for each value that names a model, a scheduler or a file and that fails the check."""
    plain = {name: content.value for name, content in draft.contents.items() if content.is_plain}
    plain[AXIS_FIELDS] = draft.axis_fields
    for field in draft.spec.inputs:
        content = draft.contents.get(field.name)
        if content is None or content.origin not in ("written", "set"):
            continue
        values, places = _each(content)
        for value, place in zip(values, places, strict=True):
            asked = naming(field, value)
            named = value.text if isinstance(value, ExternalValue) else value
            objection = check(asked, named, plain) if asked.completes else None
            if objection is not None and (draft.whole or not _names_an_axis(asked, named)):
                yield _error(draft, field, replace(content, span=place), _for_several(field, named, objection))


def _for_several(field: FieldSpec, named: Any, objection: Objection) -> Objection:
    """Return the objection to a name; if it consists of several names in quotes, the hint says how to write them."""
    from .sweeps.kinds import kind_of  # imported on demand: few lines have errors

    if not isinstance(named, str) or "," not in named:
        return objection
    if all(map(looks_like_image, named.split(","))):
        return replace(objection, hint=f"write the paths with spaces between them: {named.replace(',', ' ')}")
    if kind_of(field) != "words":
        return objection
    names = [name.strip() for name in named.split(",")]
    if any(" " in name or not name for name in names):
        return objection  # one name with commas and spaces
    return replace(objection, hint=f"to use several values, write {','.join(names)} without quotes")


def _names_an_axis(field: FieldSpec, value: Any) -> bool:
    """Whether a file name needs an axis, which is missing if there is an error in the stage that adds it."""
    return field.completes == "target" and any(part in str(value) for part in ("{axis.", "{row", "{col"))


def _each(content: Content) -> tuple[Sequence[Any], Sequence[Span | None]]:
    """Return the values of an input, several if it takes a list or is an axis, and the place of each."""
    if isinstance(content.value, Several):
        return content.value.values, content.value.items
    values = content.value if isinstance(content.value, list) else [content.value]
    return values, content.items if len(content.items) == len(values) else (content.span,) * len(values)


def naming(field: FieldSpec, value: Any) -> FieldSpec:
    """Return an input; if its value names a model or a file, its `completes` is set to "model" or "file"."""
    if not isinstance(value, ExternalValue) or field.completes:
        return field
    return replace(field, completes="model" if value.kind == "model" else "file")


def _error(draft: Draft, field: FieldSpec, content: Content, objection: Objection) -> LanguageError:
    message, hints = objection.message, [objection.hint]
    if content.origin == "set":
        message = f"the default set for `{field.name}` is invalid: {message}"
        hints.append(f"write `{option(field)}` in the line, or `unset {field.name}`")
    found = [hint for hint in hints if hint]
    place = content.span or draft.stage.command.span
    return LanguageError(objection.code, message, place, next(iter(found), None), tuple(found[1:]))
