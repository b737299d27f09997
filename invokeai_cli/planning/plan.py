"""A line becomes a plan: pure, whole or not at all, every error of the line at once."""

from __future__ import annotations

from collections.abc import Collection

from invokeai_cli.language.errors import Refusal
from invokeai_cli.language.source import Source
from invokeai_cli.language.tree import Pipeline

from .building import Catalog
from .planned import Plan, PlannedStage
from .planner import Planner
from .scope import Defaults, Scope

__all__ = ["Plan", "PlannedStage", "plan"]


def plan(
    pipeline: Pipeline,
    source: Source,
    *,
    catalog: Catalog,
    scope: Scope | None = None,
    defaults: Defaults | None = None,
    directives: Collection[str] = (),
) -> Plan:
    """Return the plan of a line; nothing is changed anywhere.

    catalog: commands by their words; scope: the stages before this line; defaults: what `set` has set; directives: the
    words of the shell, which are never piped.
    Raises: Refusal, with every error of the line.
    """
    planner = Planner(catalog, scope or Scope(), defaults or {}, directives)
    planner.line(pipeline)
    if planner.errors:
        raise Refusal(planner.errors, source)
    return planner.plan(source)
