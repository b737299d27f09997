"""`cache [stats | clear | why LINE]`: show how much is cached, clear it, or explain why a line runs again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invocations.shown_numbers import readable_size
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from invokeai_cli.shell import agreed
from workflows.disk_use import clear, disk_use
from workflows.explanation import reuse_forecast
from workflows.problems import UsageError

from .call import Call, can_ask

if TYPE_CHECKING:
    from invocations.cache.base import ResultCache
    from invokeai_cli.shell import Shell


def run(call: Call) -> Answer:
    """Show how much is cached, clear the cache, or explain why the nodes of a line would run."""
    if call.row.word == "why":
        return _why(call)
    folder = call.shell.config.folders.cache
    if call.row.word == "stats":
        return _stats(call.shell)
    if not call.flag("yes") and can_ask(call.shell) and not agreed(call.shell, f"remove everything in {folder}?"):
        return Answer("cache_cleared/1", {"bytes": 0}, text="nothing removed")
    freed = clear(folder, _cache(call.shell))
    return Answer("cache_cleared/1", {"bytes": freed}, text=f"{readable_size(freed)} removed from {folder}")


def _why(call: Call) -> Answer:
    """Plan the line and look up each of its nodes; nothing runs, and no node is imported."""
    if not call.values:
        raise UsageError("`cache why` needs a line", "for example: cache why t2i a red house --seed 7 | blur 2")
    plan, notes = call.shell.workspace.preview(call.line)
    for note in notes:
        call.shell.renderer.note(note)
    forecasts = reuse_forecast(call.shell.workspace, plan)
    rows = tuple((each.node, each.type, "reused" if each.reused else "runs", each.why) for each in forecasts)
    nodes = [{"node": e.node, "type": e.type, "reused": e.reused, "why": e.why} for e in forecasts]
    return Answer("cache_why/1", {"nodes": nodes}, (Table(("node", "", "", "why"), rows),))


def _cache(shell: Shell) -> ResultCache:
    cache = shell.workspace.invoker.cache
    assert cache is not None
    return cache


def _stats(shell: Shell) -> Answer:
    found = disk_use(shell.config, _cache(shell))
    table = Table(("cache", "size", "limit", ""), found.rows())
    return Answer("cache/1", found.to_json(), (table,), f"in {found.settings.folders.cache}")
