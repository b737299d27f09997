"""Is a line answered from what is kept? Then neither the Typer application nor any node's class is imported for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell


def is_answered(shell: Shell, source: Source) -> bool:
    """Tell whether a line that the front door has planned needs no class of a node."""
    from invocations.cache.forecast import forecast
    from invocations.running.plain import WORK

    from .planning.autosave import add_saves

    plan, cache = shell.planned, shell.invoker.cache
    if plan is None or plan.source != source or cache is None or not shell.config.cache:
        return False
    additions = add_saves(plan, shell.catalog)
    forecasts = forecast(
        plan.nodes + additions.nodes, plan.edges + additions.edges, shell.catalog.get, cache, recompute=plan.recompute
    )
    return all(each.reused or each.type in WORK for each in forecasts)
