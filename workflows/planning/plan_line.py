"""Turn a line into a plan, or refuse it with all of its errors at once; there are no side effects."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from invocations.frozen import frozen
from invocations.language.errors import LanguageError, Refusal
from invocations.language.parser import read
from invocations.language.printer import print_tree
from invocations.language.source import Source, Span
from invocations.language.tokens import SWEEP
from invocations.language.tree import Pipeline

from .build import Catalog, GraphBuilder
from .draft import CHOSEN, MOST_ITEMS, Adjust, Draft
from .lookup import Check, Objection
from .plan import Plan, PlannedStage
from .planner import Planner
from .scope import OF_MODEL, Defaults, IsFile, IsUsed, Scope, StageOutputs, no_file, unused

if TYPE_CHECKING:
    from .foresight import FactSource
    from .ignored import Ignored
    from .model_defaults import ModelDefaults

__all__ = ["Check", "LineAnalysis", "Objection", "Plan", "PlannedStage", "analyze_line", "plan", "plan_line"]

SELECTION = re.compile(r"--(?:where|sample|limit)\b")
Fill = Callable[[Pipeline, Source], tuple[Pipeline, list[LanguageError]]]
NAMING = {"bad_name", "missing_name"}  # not errors if the words are part of free text
UNSURE = {"unknown_reference", "nothing_before", "empty_line"}  # not reported if a part of the line could not be parsed


def plan(
    pipeline: Pipeline,
    source: Source,
    *,
    catalog: Catalog,
    scope: Scope | None = None,
    defaults: Defaults | None = None,
    directives: Collection[str] = (),
    check: Check | None = None,
) -> Plan:
    """Return the plan of a line, without side effects.

    catalog: the commands by name
    scope: the stages before this line
    defaults: the defaults in effect
    directives: the names of directives, which cannot be part of a pipeline
    check: checks the models, schedulers and output files that values name
    Raises: Refusal, with every error of the line.
    """
    planner = Planner(catalog, scope or Scope(), defaults or {}, directives, check=check)
    planner.line(pipeline)
    if planner.errors:
        raise Refusal(planner.errors, source)
    return planner.plan(source)


def plan_line(
    source: Source,
    *,
    catalog: Catalog,
    scope: Scope | None = None,
    defaults: Defaults | None = None,
    directives: Collection[str] = (),
    check: Check | None = None,
    fill: Fill | None = None,
    is_used: IsUsed = unused,
    facts: FactSource | None = None,
    is_part: bool = False,
) -> Plan:
    """Parse a line and plan it; syntax and planning errors are reported together.

    fill: replaces the variables in the tree, and returns an error for each unknown one
    is_used: whether a later line refers to a name
    is_part: whether more stages may follow, in which case the last result need not be used yet
    facts: what is known about files and models; without it, the checks use only the line itself
    Raises: Refusal.
    """
    analysis = analyze_line(
        source,
        catalog=catalog,
        scope=scope,
        defaults=defaults,
        directives=directives,
        check=check,
        fill=fill,
        is_used=is_used,
        facts=facts,
        is_part=is_part,
    )
    return analysis.require_plan(source)


@frozen
class LineAnalysis:
    """A line, parsed and planned as far as possible: its tree, the outputs of its stages, and all errors.

    plan: None if the line has errors
    drafts: what fills the inputs of each stage whose command is known, as far as it is known
    """

    pipeline: Pipeline
    outputs: tuple[StageOutputs, ...]
    errors: tuple[LanguageError, ...] = ()
    plan: Plan | None = None
    drafts: tuple[Draft, ...] = ()

    def require_plan(self, source: Source) -> Plan:
        """Return the plan. Raises: Refusal, with every error of the line."""
        if self.plan is None:
            raise Refusal(self.errors, source)
        return self.plan


def analyze_line(
    source: Source,
    *,
    catalog: Catalog,
    scope: Scope | None = None,
    defaults: Defaults | None = None,
    directives: Collection[str] = (),
    check: Check | None = None,
    fill: Fill | None = None,
    is_used: IsUsed = unused,
    facts: FactSource | None = None,
    is_file: IsFile = no_file,
    is_part: bool = False,
    adjust: Adjust | None = None,
    most_items: int = MOST_ITEMS,
    tree: Pipeline | None = None,
) -> LineAnalysis:
    """Parse a line and plan it as far as possible, without side effects; errors are returned, not raised.

    tree: the tree of the line if it was built rather than parsed
    adjust: a function that changes the stages; the text of the plan is then the changed line
    most_items: how many items a sweep may have
    """
    pipeline, malformed = read(source) if tree is None else (tree, ())
    if fill is not None:
        pipeline, unknown = fill(pipeline, source)
        malformed = (*malformed, *unknown)
    planner = Planner(
        catalog, scope or Scope(), defaults or {}, directives, check=check, is_used=is_used, facts=facts, adjust=adjust
    )
    planner.builder.salt = f"{source.name}\n{source.first_line}\n{source.text}" if source.name else ""
    planner.is_part, planner.most_items = is_part, most_items
    planner.is_file = planner.builder.is_file = is_file
    if facts is not None:
        planner.is_image = lambda path: is_file(path) and facts.size(path) is not None
    planner.lost = any(error.code not in NAMING for error in malformed)
    own = _model_defaults(planner) if defaults and OF_MODEL in "".join(defaults) else None
    planner.line(pipeline)
    if own is not None and planner.stages:
        planner.errors += own.errors(pipeline.stages[0].command.span)
        planner.stages[-1] = replace(planner.stages[-1], notes=(*planner.stages[-1].notes, *own.notes))
    if begins_with_sweep(pipeline) and not (planner.lost or is_part):
        _check_names(planner, pipeline)
    planner.refuse_unusable()
    ignored = _judged(planner) if facts is not None and _uses_features(planner.builder) else ()
    malformed = tuple(each for each in malformed if each.code not in NAMING or each.span not in planner.texts)
    outputs = tuple(planner.references.line)
    if not malformed and not planner.errors:
        planned = planner.plan(source)
        if ignored:
            planned = replace(planned, ignored=ignored)
        if planned.edits:
            from .edits import edited  # imported on demand: only the lines of a trial have edits

            pipeline = edited(pipeline, planned.edits)
        if planner.drawn:
            from .sweeps.drawn import with_numbers

            pipeline = with_numbers(pipeline, planner.drawn)
        if fill is not None or planned.edits or planner.drawn:
            planned = replace(planned, text=print_tree(pipeline))
        return LineAnalysis(pipeline, outputs, (), planned, tuple(planner.drafts))
    errors = [*malformed, *_sure(planner.errors, malformed, pipeline)] if malformed else planner.errors
    if len(errors) > 1:
        from .consequences import without_consequences  # imported on demand: most lines have at most one error

        errors = without_consequences(errors, pipeline.stages, source)
    if SELECTION.search(source.text):
        from .sweeps.moved import with_sweep_line  # imported on demand: few lines have these options

        errors = with_sweep_line(errors, pipeline, source, catalog)
    if any(error.code == "scalar_into_list" for error in errors):
        from .sweeps.taken_as_text import with_value_hints  # imported on demand: most lines have no such error

        errors = with_value_hints(errors, pipeline.stages, catalog)
    if any(error.code == "surplus_word" for error in errors):
        from .forgotten_pipe import with_pipe_hints  # imported on demand: most lines have no surplus words

        errors = with_pipe_hints(errors, pipeline.stages, source, catalog)
    if "{" in source.text or "__" in source.text:
        from .sweeps.forgotten import with_dynamic_hints  # imported on demand: few lines contain these symbols

        errors = with_dynamic_hints(errors, pipeline, source, catalog)
    return LineAnalysis(pipeline, outputs, Refusal(errors, source).errors, None, tuple(planner.drafts))


def _model_defaults(planner: Planner) -> ModelDefaults:
    from .model_defaults import ModelDefaults  # imported on demand: few users have defaults for single models

    own = ModelDefaults(planner.defaults, planner.known)
    planner.builder.model_defaults = own
    return own


def _uses_features(builder: GraphBuilder) -> bool:
    """Whether an input that the user has set or linked uses a feature that a model may lack."""
    values = [each for each in builder.values if each.feature and each.origin in CHOSEN]
    return bool(values or [link for link in builder.links if link.feature])


def _judged(planner: Planner) -> tuple[Ignored, ...]:
    """Add an error for each input that a model refuses; return the inputs that have no effect."""
    if planner.foresight is None:
        return ()
    from .ignored import judge  # imported on demand: few lines use features that a model may lack

    judgment = judge(planner.builder, planner.foresight, planner.commands)
    planner.errors += judgment.errors
    return judgment.ignored


def _check_names(planner: Planner, pipeline: Pipeline) -> None:
    """Refuse names that a `sweep` declares but no stage uses; omit the errors that result from them."""
    from .sweeps.unused_names import FOLLOWS, unused_columns, unused_names

    sweep, catalog = planner.stages[0], planner.catalog
    edges = [link.edge for link in planner.builder.links if link.edge.target not in sweep.nodes]
    used = {*((edge.source, edge.output) for edge in edges), *((each.node, each.output) for each in planner.used)}
    unused = [*unused_names(pipeline.stages, sweep, used, catalog)]
    if unused:
        planner.errors = [error for error in planner.errors if error.code not in FOLLOWS] + unused
        planner.lost = True
    notes = unused_columns(pipeline.stages, sweep, used, catalog)
    planner.stages[0] = replace(sweep, notes=(*sweep.notes, *notes))


def begins_with_sweep(pipeline: Pipeline) -> bool:
    """Whether the first stage of a line declares the axes of a sweep."""
    return bool(pipeline.stages) and pipeline.stages[0].command.text == SWEEP


def _sure(
    errors: Sequence[LanguageError], malformed: Sequence[LanguageError], pipeline: Pipeline
) -> list[LanguageError]:
    """Return the planning errors in stages that could be parsed; in other stages, syntax errors may be the cause."""
    shaken = [stage.span for stage in pipeline.stages if any(_inside(each.span, stage.span) for each in malformed)]
    return [
        error for error in errors if error.code not in UNSURE and not any(_inside(error.span, span) for span in shaken)
    ]


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
