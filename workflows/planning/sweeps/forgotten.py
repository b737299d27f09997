"""Hint at `--dynamic` in the errors of a line whose template is treated as plain words, so an axis is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from invocations.dynamic.looks import dynamic_parts
from invocations.language.errors import LanguageError
from invocations.language.source import Source
from invocations.language.tree import Option, Pipeline, Stage, Word
from invocations.prompt_syntax import PROMPT
from invocations.spec import InvocationSpec
from workflows.planning.prompt_lint import shortened

NO_AXIS: Final = frozenset({"scalar_into_list", "misplaced_each"})  # errors of a stage that expects several results
NAMED: Final = frozenset({"bad_zip", "unknown_axis", "bad_value", "bad_file_name"})  # errors that name the missing axis


def with_dynamic_hints(
    errors: Iterable[LanguageError], pipeline: Pipeline, source: Source, catalog: Mapping[str, InvocationSpec]
) -> list[LanguageError]:
    """Return the errors of a line; those that follow from a template without `--dynamic` get a hint to add it."""
    found, templates = [], _templates(pipeline, catalog)
    for error in errors:
        place = source.text[error.span.start : error.span.end]
        names = [name for name in templates if error.code in NO_AXIS or (error.code in NAMED and name in place)]
        hint = (
            f"`{templates[names[0]]}` is treated as plain words; did you forget `--dynamic`?" if names else error.hint
        )
        found.append(replace(error, hint=hint))
    return found


def _templates(pipeline: Pipeline, catalog: Mapping[str, InvocationSpec]) -> dict[str, str]:
    """Return the first part of each template in the line that is not expanded, by the input that takes the text."""
    found: dict[str, str] = {}
    for stage in pipeline.stages:
        spec = catalog.get(stage.command.text)
        texts = [] if spec is None else [each for each in spec.inputs if each.free_text or each.completes == PROMPT]
        if texts and not any(isinstance(each, Option) and each.name == "dynamic" for each in stage.arguments):
            for part in _parts(stage):
                found.setdefault(texts[0].name, shortened(part))
    return found


def _parts(stage: Stage) -> Iterable[str]:
    for argument in stage.arguments:
        if isinstance(argument.value, Word):
            yield from dynamic_parts(argument.value.text)
