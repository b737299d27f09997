"""Whether a later `@NAME` refers to a stage; only then does `as NAME` at the end of free text name the stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from invocations.language.tree import Option, Positional, Reference, Stage, Value, Word

from .link_options import LINK_OPTIONS


def is_used_in(stages: Iterable[Stage], name: str) -> bool | None:
    """Return True if a stage refers to this name, False if a stage takes the name before that, None if neither."""
    for stage in stages:
        if name in uses(stage):
            return True
        if stage.name == name:
            return False
    return None


def uses(stage: Stage) -> Iterator[str]:
    """Yield the names that a stage refers to."""
    links = any(isinstance(each, Option) and LINK_OPTIONS.get(each.name) for each in stage.arguments)
    for argument in stage.arguments:
        value: Value | None = argument.value
        if isinstance(value, Reference) and isinstance(value.name, str):
            yield value.name
        elif links and isinstance(argument, Positional) and isinstance(value, Word):
            yield value.text
