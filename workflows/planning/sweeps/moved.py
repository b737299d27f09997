"""Hint at the `sweep` line that a condition needs: `--where`, `--sample` and `--limit` only apply to its names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from invocations.language.declarations import LIMIT, SAMPLE, WHERE
from invocations.language.each import read_each
from invocations.language.errors import LanguageError
from invocations.language.source import Source, Span
from invocations.language.tokens import SWEEP
from invocations.language.tree import Option, Pipeline, Positional, Stage, Value, Word
from workflows.planning.bind import find_field
from workflows.planning.build import Catalog

from .kinds import kind_of

SELECTS = (WHERE, SAMPLE, LIMIT)


def with_sweep_line(
    errors: Iterable[LanguageError], pipeline: Pipeline, source: Source, catalog: Catalog
) -> list[LanguageError]:
    """Return the errors; those of conditions on inputs that stages set get a hint with a line that works."""
    if pipeline.continues or any(stage.end_of_options is not None for stage in pipeline.stages):
        return list(errors)
    moved, found = _Moved(pipeline.stages, source.text, catalog), []
    line = moved.line()
    for error in errors:
        reason = moved.reason(error)
        hint = f"{reason}: write {line}" if line else f"{reason}; see `help sweeps`"
        found.append(replace(error, hint=hint) if reason and (line or not moved.has_sweep) else error)
    return found


class _Moved:
    """A line whose axes of numbers and words are declared by `sweep`, together with the conditions on them."""

    def __init__(self, stages: Sequence[Stage], text: str, catalog: Catalog) -> None:
        self.stages, self.text, self.catalog = stages, text, catalog
        self.has_sweep = bool(stages) and stages[0].command.text == SWEEP
        specs = [spec for stage in stages if (spec := catalog.get(stage.command.text)) is not None]
        self.takers = Counter(field.name for spec in specs for field in spec.inputs)
        self.names: dict[str, str] = {}  # the name of each axis in `sweep` by the name of its input
        self.declared: list[str] = []
        self.conditions: list[str] = []
        self.cuts: list[Span] = []
        for stage in stages[self.has_sweep :]:
            for option, value in _pairs(stage):
                self._move(stage, option, value)

    def reason(self, error: LanguageError) -> str:
        """Return why an error arises that the line would mend, or ""."""
        marked = self.text[error.span.start : error.span.end]
        if error.code == "unknown_option" and marked.lstrip("-") in SELECTS:
            return f"only `sweep` takes `{marked}`"
        if not self.has_sweep:
            return ""
        is_empty = error.code == "missing_value" and error.span == self.stages[0].command.span
        is_name = error.code == "bad_expression" and marked in self.names
        return "the options of `sweep` apply to the names after it" if is_empty or is_name else ""

    def line(self) -> str:
        """Return the line, or "" if no axis can be moved."""
        if not self.declared:
            return ""
        kept, at = "", self.stages[0].span.start
        for cut in self.cuts:
            kept, at = kept + self.text[at : cut.start].rstrip(), cut.end
        kept += self.text[at : self.stages[-1].span.end]
        first = " ".join([SWEEP, *self.declared, *self._renamed()])
        if not self.has_sweep:
            return f"{first} | {kept}"
        return first + kept.removeprefix(SWEEP)

    def _move(self, stage: Stage, option: Option, value: Word) -> None:
        """Move an option of a stage to `sweep` if it is an axis or a condition."""
        spec = self.catalog.get(stage.command.text)
        field = find_field(spec, option) if spec is not None else None
        if field is None and option.name in SELECTS:
            self.conditions.append(self.text[option.span.start : value.span.end])
        elif spec is not None and field is not None and kind_of(field) in ("numbers", "words") and read_each(value):
            name = field.name if self.takers[field.name] == 1 else f"{spec.type}.{field.name}"
            self.names[field.name] = name
            self.declared.append(f"{name}={value.text}")
        else:
            return
        self.cuts.append(Span(option.span.start, value.span.end))

    def _renamed(self) -> Iterator[str]:
        """Yield the conditions with the names of the axes in `sweep`."""
        for text in self.conditions:
            option, rest = text[: len(WHERE) + 2], text[len(WHERE) + 2 :]
            for own, name in self.names.items():
                rest = re.sub(rf"(?<![\w.]){own}(?![\w.])", name, rest)
            yield option + rest


def _pairs(stage: Stage) -> Iterator[tuple[Option, Word]]:
    """Yield the options of a stage that have a word as their value."""
    for place, each in enumerate(stage.arguments):
        if isinstance(each, Option):
            after = stage.arguments[place + 1 : place + 2]
            value: Value | None = each.value
            if value is None and after and isinstance(after[0], Positional):
                value = after[0].value
            if isinstance(value, Word):
                yield each, value
