"""Edits of stages: replace values of inputs, and rewrite the line with the new values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from invocations.language.printer import as_word
from invocations.language.tree import Argument, Option, Pipeline, Positional, Stage
from invocations.spec import FieldSpec

from .draft import Content, Draft, Edit, is_flag, option
from .read_values import read_text, refuse_pattern


def edit(draft: Draft, field: FieldSpec, text: str) -> Edit:
    """Set an input of a draft to another value, and return the edit. Raises: PlanningError, if the value is invalid."""
    before = draft.contents.get(field.name)
    value = read_text(field, text, draft.stage.command.span)
    refuse_pattern(field, value, draft.stage.command.span, draft.is_file)
    draft.contents[field.name] = Content(value, "written", draft.stage.command.span)
    return Edit(draft.stage, field, text, before.span if before else None)


def edited(pipeline: Pipeline, edits: Sequence[Edit]) -> Pipeline:
    """Return a line with the edits applied to its stages."""
    stages = [_edited(stage, [each for each in edits if each.stage is stage]) for stage in pipeline.stages]
    return replace(pipeline, stages=tuple(stages))


def _edited(stage: Stage, edits: Sequence[Edit]) -> Stage:
    """Return a stage with the options of the edits first, where they cannot be read as words of another argument."""
    if not edits:
        return stage
    options = [_option(each) for each in edits]
    kept = list(_kept(stage, edits))
    end = stage.end_of_options
    if end is not None:
        end = len(options) + sum(index < end for index, _ in kept)
    return replace(stage, arguments=(*options, *(argument for _, argument in kept)), end_of_options=end)


def _option(edit: Edit) -> Option:
    """Return the option that sets the value of an edit."""
    name = option(edit.field).removeprefix("--")
    if not is_flag(edit.field):
        return Option(name, as_word(edit.text))
    return Option(name if edit.text == "yes" else f"no-{name}")


def _kept(stage: Stage, edits: Iterable[Edit]) -> Iterator[tuple[int, Argument]]:
    """Yield the arguments that no edit replaces, each with its index."""
    names = {name for each in edits for name in (each.field.name, f"no_{each.field.name}")}
    shorts = {each.field.short for each in edits}
    replaced = [each.replaced for each in edits if each.replaced is not None]
    for index, argument in enumerate(stage.arguments):
        if isinstance(argument, Positional):
            span = argument.value.span
            if any(one.start <= span.start and span.end <= one.end for one in replaced):
                continue
        elif argument.name in shorts if argument.short else argument.name.replace("-", "_") in names:
            continue
        yield index, argument
