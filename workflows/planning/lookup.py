"""Check that referenced models, schedulers and files exist before anything runs, via a callback."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from invocations.frozen import frozen
from invocations.language.errors import LanguageError
from invocations.spec import FieldSpec
from workflows.values.codecs import ExternalValue

from .draft import Content, Draft, option


@frozen
class Objection:
    """Why a value is refused: an unknown model or scheduler, an impossible file name."""

    code: str
    message: str
    hint: str | None = None


Check = Callable[[FieldSpec, Any, Mapping[str, Any]], Objection | None]  # input, value, the stage's plain values


def objections(draft: Draft, check: Check | None) -> Iterator[LanguageError]:
    """Yield the errors in the values of a stage that name something (`FieldSpec.completes`)."""
    if check is None:
        return
    plain = {name: content.value for name, content in draft.contents.items() if content.is_plain}
    for field in draft.spec.inputs:
        content = draft.contents.get(field.name)
        if content is None or content.origin not in ("written", "set") or content.offers:
            continue
        asked = naming(field, content.value)
        if not asked.completes:
            continue
        value = content.value.text if isinstance(content.value, ExternalValue) else content.value
        objection = check(asked, value, plain)
        if objection is not None:
            yield _error(draft, field, content, objection)


def naming(field: FieldSpec, value: Any) -> FieldSpec:
    """Return the input, changed to one that names a model if the value does."""
    is_model = isinstance(value, ExternalValue) and value.kind == "model" and not field.completes
    return replace(field, completes="model") if is_model else field


def _error(draft: Draft, field: FieldSpec, content: Content, objection: Objection) -> LanguageError:
    message, hint = objection.message, objection.hint
    if content.origin == "set":
        message = f"the default set for `{draft.spec.type}` is invalid: {message}"
        hint = hint or f"write {option(field)} in the line, or `unset {field.name}`"
    return LanguageError(objection.code, message, content.span or draft.stage.command.span, hint)
