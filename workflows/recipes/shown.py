"""How a recipe is shown: as a line that can be saved again, and what each of its inputs sets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from invocations.language.printer import print_tree
from invocations.language.stage_keys import stage_keys
from invocations.language.tree import Argument, Stage, Word
from invocations.language.variables import CLOSE, MARK
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.recipe_words import input_name, inputs_in
from workflows.planning.recipes import body
from workflows.values.codecs import codec_of
from workflows.values.constraints import default_text

SPECIAL = frozenset(" \t\n'\"|#\\")  # a word that contains one of these must be in quotes


def line_of(spec: InvocationSpec) -> str:
    """Return the pipeline of a recipe as a line that can be saved again, with the default of each input."""
    waiting = {each.name: _default(each) for each in spec.inputs if not each.required and each.default is not None}
    pipeline = body(spec.pipeline)
    stages = tuple(_with_defaults(stage, waiting) for stage in pipeline.stages)
    line = print_tree(replace(pipeline, stages=stages)) if MARK in spec.pipeline else spec.pipeline
    return f"| {line}" if _is_piped_into(spec) else line


def _is_piped_into(spec: InvocationSpec) -> bool:
    """Return True if the first stage of a saved recipe receives what is piped into the recipe."""
    primary, first = spec.primary_input, stage_keys(body(spec.pipeline).stages)[0]
    if primary is None or primary.free_text or spec.origin == "built in" or f"${{{primary.name}}}" in spec.pipeline:
        return False
    return any(each.name == primary.name and [key for key, _ in each.targets][:1] == [first] for each in spec.exposures)


def sets(spec: InvocationSpec, name: str) -> list[str]:
    """Return what an input of a recipe sets, such as the input `t2i.steps`; [] if its value is inserted into text."""
    return [f"{key}.{target}" for each in spec.exposures if each.name == name for key, target in each.targets]


def input_rows(spec: InvocationSpec) -> tuple[tuple[str, str, str], ...]:
    """Return each input of a recipe, what it sets, and its default."""
    return tuple((each.name, ", ".join(_described(spec, each)), _shown_default(each)) for each in spec.inputs)


def recipe_data(spec: InvocationSpec) -> dict[str, Any]:
    """Return a recipe as JSON data."""
    inputs = [
        {"name": each.name, "sets": sets(spec, each.name), "default": each.default, "required": each.required}
        for each in spec.inputs
    ]
    return {
        "name": spec.type,
        "summary": spec.summary,
        "origin": spec.origin,
        "line": line_of(spec),
        "pipeline": spec.pipeline,
        "inputs": inputs,
    }


def _described(spec: InvocationSpec, field: FieldSpec) -> list[str]:
    return sets(spec, field.name) or [field.description]


def _shown_default(field: FieldSpec) -> str:
    return "(required)" if field.required else default_text(field)


def _default(field: FieldSpec) -> str:
    return field.default if isinstance(field.default, str) else codec_of(field.type).format(field.default)


def _with_defaults(stage: Stage, waiting: dict[str, str]) -> Stage:
    return replace(stage, arguments=tuple(_with_default(each, waiting) for each in stage.arguments))


def _with_default(argument: Argument, waiting: dict[str, str]) -> Argument:
    word = argument.value
    if not isinstance(word, Word):
        return argument
    text, literals = word.text, word.literals
    for use in reversed(inputs_in(word)):
        default = waiting.pop(input_name(use), None)
        if default is not None and CLOSE not in default:  # a default ends at the first `}`
            whole = replace(use, default=default).text
            text = text[: use.start] + whole + text[use.end :]
            literals = tuple(at + len(whole) - (use.end - use.start) if at >= use.end else at for at in literals)
    if text == word.text:
        return argument
    quote = word.quote or ('"' if SPECIAL & set(text) else "")
    return replace(argument, value=replace(word, text=text, literals=literals, quote=quote))
