"""Replace `${name}` in the words of a recipe's pipeline with the values of the recipe's inputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from invocations.language.tree import Argument, Option, Pipeline, Positional, Stage, Word
from invocations.language.variables import Use, declared, segments
from invocations.spec import FieldSpec, InvocationSpec
from workflows.values.codecs import ExternalValue, codec_of

from .bind import find_field
from .draft import Content, is_flag


def filled(
    pipeline: Pipeline, spec: InvocationSpec, contents: Mapping[str, Content], catalog: Mapping[str, InvocationSpec]
) -> Pipeline:
    """Return a recipe's pipeline with the values of its inputs inserted; `${name}` of a linked input is kept."""
    fields = {field.name: field for field in spec.inputs}
    stages = [_stage(stage, fields, contents, catalog.get(stage.command.text)) for stage in pipeline.stages]
    return replace(pipeline, stages=tuple(stages))


def inputs_in(word: Word) -> list[Use]:
    """Return the inputs in a word, as `${name}` or `${name=default}`; there are none in single quotes."""
    if word.quote == "'":
        return []
    found, begin = [], 0
    for part in segments(word.text, word.literals):
        found += [replace(use, start=begin + use.start, end=begin + use.end) for use in declared(part)]
        begin += len(part) + 1
    return found


def only_input(word: object) -> Use | None:
    """Return the input if a word is nothing but `${name}` or `${name=default}`, otherwise None."""
    found = inputs_in(word) if isinstance(word, Word) else []
    return found[0] if len(found) == 1 and isinstance(word, Word) and found[0].text == word.text else None


def input_name(use: Use) -> str:
    """Return the name of an input as it is stored."""
    return use.name.replace("-", "_")


def _stage(
    stage: Stage, fields: Mapping[str, FieldSpec], contents: Mapping[str, Content], command: InvocationSpec | None
) -> Stage:
    kept: list[Argument] = []
    end = stage.end_of_options
    for at, argument in enumerate(_without_set(stage.arguments, fields, command)):
        if argument is None:
            end = end - 1 if stage.end_of_options is not None and end is not None and at < stage.end_of_options else end
        else:
            kept.append(_inserted(argument, fields, contents))
    return replace(stage, arguments=tuple(kept), end_of_options=end)


def _without_set(
    arguments: Sequence[Argument], fields: Mapping[str, FieldSpec], command: InvocationSpec | None
) -> Iterator[Argument | None]:
    """Yield the arguments of a stage, with None for each one that only names an input of the recipe."""
    waits = False  # whether the argument is the value of the option before it
    for argument, after in zip(arguments, (*arguments[1:], None), strict=False):
        follows = _takes_value(argument, command) and isinstance(after, Positional) and _is_set(after.value, fields)
        yield None if waits or follows or _is_set(argument.value, fields) else argument
        waits = follows


def _takes_value(argument: Argument, command: InvocationSpec | None) -> bool:
    if not isinstance(argument, Option) or argument.value is not None or command is None:
        return False
    field = find_field(command, argument)
    return field is not None and not is_flag(field)


def _is_set(value: object, fields: Mapping[str, FieldSpec]) -> bool:
    use = only_input(value)
    return use is not None and input_name(use) in fields


def _inserted(argument: Argument, fields: Mapping[str, FieldSpec], contents: Mapping[str, Content]) -> Argument:
    """Return an argument with the values of the inputs that are part of its string."""
    word = argument.value
    uses = [use for use in inputs_in(word) if input_name(use) in fields] if isinstance(word, Word) else []
    if not uses or not isinstance(word, Word):
        return argument
    pieces, at = [], 0
    for use in uses:
        pieces += [word.text[at : use.start], _text(fields[input_name(use)], contents.get(input_name(use)))]
        at = use.end
    return replace(argument, value=replace(word, text="".join([*pieces, word.text[at:]]), quote='"'))


def _text(field: FieldSpec, content: Content | None) -> str:
    """Return the value of an input as text; `${name}` if it is linked, because its result is inserted later."""
    value: Any = content.value if content is not None else field.default
    if isinstance(value, ExternalValue):
        return value.text
    if content is not None and not content.is_plain:
        return mark(field.name)
    if isinstance(value, str) or value is None:
        return value or ""
    return codec_of(field.type).format(value)


def mark(name: str) -> str:
    """Return `${name}`."""
    return Use(name, 0, 0).text
