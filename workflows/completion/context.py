"""The sources of suggestions: commands, directives, earlier stages, models and files, as data and callbacks."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.graph.linking import members
from invocations.spec import InvocationSpec
from workflows.planning.scope import Defaults, Scope
from workflows.reserved import ReservedWords
from workflows.values.scalars import NO, YES

from .candidate import Candidate
from .cursor import Cursor

if TYPE_CHECKING:
    from invocations.services.models.base import ModelSettings

MAX_ENTRIES = 2000  # how many entries of a folder are read at most
Named = tuple[tuple[str, str], ...]  # pairs of a word and its description


@frozen
class Entry:
    """A file or a folder inside the folder being listed."""

    name: str
    is_folder: bool


def entries(folder: str) -> tuple[Entry, ...]:
    """Return the entries of a folder in alphabetical order; () if it cannot be read."""
    try:
        with os.scandir(folder) as found:
            listed = [Entry(each.name, each.is_dir()) for each, _ in zip(found, range(MAX_ENTRIES), strict=False)]
    except OSError:
        return ()
    return tuple(sorted(listed, key=lambda entry: entry.name.lower()))


def _no_result(node: str, output: str) -> str:
    return ""


def no_words(cursor: Cursor, context: CompletionContext) -> Iterable[Candidate]:
    """Return no candidates: nothing is known about the words after a directive."""
    return ()


def _no_settings(model: str) -> ModelSettings | None:
    return None


@frozen
class CompletionContext:
    """The data that suggestions are based on; the application supplies it.

    scope: the earlier stages of the session
    defaults: the defaults in effect
    named: the models, schedulers and upscalers, by the word in `FieldSpec.completes`
    folder: where relative paths start
    results: describes the value of an output, given its node and name
    entries: lists a folder
    reserved: the names of the directives
    after_directive: returns the candidates after a directive that takes no line
    settings: returns the settings of a model, or None if the model cannot be used
    """

    catalog: Mapping[str, InvocationSpec]
    scope: Scope = field(default_factory=Scope)
    defaults: Defaults = field(default_factory=dict)
    named: Mapping[str, Named] = field(default_factory=dict)
    folder: str = "."
    results: Callable[[str, str], str] = _no_result
    entries: Callable[[str], tuple[Entry, ...]] = entries
    reserved: ReservedWords = field(default_factory=ReservedWords)
    after_directive: Callable[[Cursor, CompletionContext], Iterable[Candidate]] = no_words
    settings: Callable[[str], ModelSettings | None] = _no_settings


def words_of(catalog: Mapping[str, InvocationSpec], reserved: ReservedWords) -> frozenset[str]:
    """Return all commands, directives, options and choices, any of which an unfinished word may become."""
    fields = [field for spec in catalog.values() for field in spec.inputs]
    options = {f"--{each.name.replace('_', '-')}" for each in fields}
    choices = {choice for each in fields for member in members(each.type) for choice in member.choices}
    return frozenset({*catalog, *reserved, *options, *choices, *YES, *NO})
