"""The inputs of a command that have an effect with a model, for help and completion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from invocations.spec import FieldSpec, InvocationSpec

from .ignored import GUIDANCE, NEED_GUIDANCE

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings


def honored(spec: InvocationSpec, settings: ModelSettings, written: Iterable[str] = ()) -> InvocationSpec:
    """Return the metadata of a command without the inputs that a model ignores or refuses.

    written: the inputs already written, by name or by the letter of a short option; with a written guidance scale,
    negative prompts may have an effect
    """
    without = {*settings.ignores, *settings.refuses}
    names = {name for field in spec.inputs if field.feature == GUIDANCE for name in (field.name, field.short)}
    if settings.guidance <= 1 and names.isdisjoint(written):
        without |= NEED_GUIDANCE.keys()
    kept = tuple(field for field in spec.inputs if field.feature not in without)
    return spec if len(kept) == len(spec.inputs) else replace(spec, inputs=kept)


def honored_by(catalog: Mapping[str, InvocationSpec], settings: ModelSettings) -> dict[str, InvocationSpec]:
    """Return all commands without the inputs that a model ignores, and with the model's own default settings."""
    found = {}
    for name, spec in catalog.items():
        kept = honored(spec, settings)
        found[name] = replace(kept, inputs=tuple(_with_default(field, settings) for field in kept.inputs))
    return found


def _with_default(field: FieldSpec, settings: ModelSettings) -> FieldSpec:
    own: Any = getattr(settings, field.name, None) if field.by_model else None
    if own is None:
        return field
    short = field.description.partition(": ")[0].partition(", such as ")[0]  # leaves room for the default
    return replace(field, default=own, by_model=False, description=short)


def model_in(words: Sequence[str]) -> str:
    """Return the model that words name with `--model` or `-m`, the last if there are several, or ""."""
    found = ""
    for place, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in ("--model", "-m"):
            found = value if equals else "".join(words[place + 1 : place + 2])
    return found


def options_in(words: Iterable[str]) -> set[str]:
    """Return the inputs that options among these words set, by name or by the letter of a short option."""
    options = (word.partition("=")[0].lstrip("-") for word in words if word.startswith("-"))
    return {option.replace("-", "_") for option in options}
