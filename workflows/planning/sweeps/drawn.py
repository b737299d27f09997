"""Record the random numbers of a sweep: `--seed 4x` becomes `--seed 812,77,31,9` in the recorded line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from invocations.language.source import Span
from invocations.language.tree import Argument, Option, Pipeline, Stage, Word


def with_numbers(pipeline: Pipeline, drawn: Mapping[Span, str]) -> Pipeline:
    """Return a copy of the line in which the words at the places in `drawn` are replaced by the values drawn for them.

    drawn: the values by place. At the place of a command stands an option that the stage gets: its name and its value
    """
    return replace(pipeline, stages=tuple([_stage(stage, drawn) for stage in pipeline.stages]))


def _stage(stage: Stage, drawn: Mapping[Span, str]) -> Stage:
    arguments = tuple([_argument(each, drawn) for each in stage.arguments])
    if stage.command.span not in drawn:
        return replace(stage, arguments=arguments)
    name, _, value = drawn[stage.command.span].partition(" ")
    end = None if stage.end_of_options is None else stage.end_of_options + 1
    return replace(stage, arguments=(Option(name, Word(value)), *arguments), end_of_options=end)


def _argument(argument: Argument, drawn: Mapping[Span, str]) -> Argument:
    word = argument.value
    if not isinstance(word, Word) or word.span not in drawn:
        return argument
    return replace(argument, value=replace(word, text=drawn[word.span], quote=""))
