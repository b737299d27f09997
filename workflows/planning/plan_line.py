"""A line becomes a plan: pure, whole or not at all, every error of the line at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from invocations.language.errors import LanguageError, Refusal
from invocations.language.parser import read
from invocations.language.printer import print_tree
from invocations.language.source import Source, Span
from invocations.language.tree import Pipeline

from .build import Catalog
from .lookup import Check, Objection
from .plan import Plan, PlannedStage
from .planner import Planner
from .scope import Defaults, Scope

__all__ = ["Check", "Objection", "Plan", "PlannedStage", "plan", "plan_line"]

Fill = Callable[[Pipeline, Source], tuple[Pipeline, list[LanguageError]]]
UNSURE = {"unknown_reference", "nothing_before", "empty_line"}  # in a line of which a part could not be read


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
    """Return the plan of a line; nothing is changed anywhere.

    catalog: commands by their words; scope: the stages before this line; defaults: what `set` has set; directives: the
    words of the shell, which are never piped; check: looks up what values name (models, schedulers, files to write).
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
) -> Plan:
    """Read a line and plan it; what is wrong with its form and what is wrong with its words is told together.

    fill: replaces what stands for a value in the tree, and tells what is wrong with it. Raises: Refusal.
    """
    pipeline, malformed = read(source)
    if fill is not None:
        pipeline, unknown = fill(pipeline, source)
        malformed = (*malformed, *unknown)
    if not malformed:
        planned = plan(
            pipeline, source, catalog=catalog, scope=scope, defaults=defaults, directives=directives, check=check
        )
        return planned if fill is None else replace(planned, text=print_tree(pipeline))
    planner = Planner(catalog, scope or Scope(), defaults or {}, directives, check=check)
    planner.lost = True
    planner.line(pipeline)
    raise Refusal([*malformed, *_sure(planner.errors, malformed, pipeline)], source)


def _sure(
    errors: Sequence[LanguageError], malformed: Sequence[LanguageError], pipeline: Pipeline
) -> list[LanguageError]:
    """Return the errors that stand whatever the malformed parts were meant to be: those in well formed stages."""
    shaken = [stage.span for stage in pipeline.stages if any(_inside(each.span, stage.span) for each in malformed)]
    return [
        error for error in errors if error.code not in UNSURE and not any(_inside(error.span, span) for span in shaken)
    ]


def _inside(inner: Span, outer: Span) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end
