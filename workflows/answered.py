"""Is a line answered from what is kept? Then neither the Typer application nor any node's class is imported for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from invocations.language.source import Source
    from invokeai_cli.shell import Shell


def is_answered(shell: Shell, source: Source) -> bool:
    """Tell whether a line that the front door has planned needs no class of a node."""
    from invocations.cache.forecast import foresee
    from invocations.running.plain import WORK

    from .planning.autosave import add_saves

    plan, memo = shell.planned, shell.invoker.memo
    if plan is None or plan.source != source or memo is None or not shell.config.cache:
        return False
    additions = add_saves(plan, shell.catalog)
    outlooks = foresee(
        plan.nodes + additions.nodes, plan.edges + additions.edges, shell.catalog.get, memo, afresh=plan.afresh
    )
    return all(each.reused or each.type in WORK for each in outlooks)
