"""Record the random numbers of a sweep: `--seed 4x` becomes `--seed 812,77,31,9` in the recorded line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from invocations.language.source import Span
from invocations.language.tree import Argument, Pipeline, Word


def with_numbers(pipeline: Pipeline, drawn: Mapping[Span, str]) -> Pipeline:
    """Return a line in which the words at some places are replaced by the values that were drawn for them."""
    stages = [
        replace(stage, arguments=tuple(_argument(each, drawn) for each in stage.arguments)) for stage in pipeline.stages
    ]
    return replace(pipeline, stages=tuple(stages))


def _argument(argument: Argument, drawn: Mapping[Span, str]) -> Argument:
    word = argument.value
    if not isinstance(word, Word) or word.span not in drawn:
        return argument
    return replace(argument, value=replace(word, text=drawn[word.span], quote=""))
