"""`explain LINE`: show nodes, values with their origins and links with their reasons, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.estimate import images_in, items_of, time_of
from workflows.explained import cost_lines, runs_text, without_random
from workflows.line_items import cached_images
from workflows.memory_need import memory_of, memory_text
from workflows.plan_page import node_rows, plan_data
from workflows.problems import UsageError
from workflows.services import workers_note

from .call import Call

if TYPE_CHECKING:
    from workflows.charts.duration import Estimate
    from workflows.estimate import Unmeasured
    from workflows.line_items import LineItems
    from workflows.memory_need import MemoryNeed
    from workflows.planning.plan import Additions
    from workflows.planning.plan_line import Plan

UNCACHED = "runs even if its result is cached (--no-cache)"


def run(call: Call) -> Answer:
    """Plan the line and show the plan."""
    if not call.values:
        raise UsageError("`explain` needs a line", "for example: explain t2i a red house | blur 2")
    plan, notes = call.shell.workspace.preview(call.line)
    for warning in call.shell.workspace.warnings(plan):
        call.shell.renderer.warning(warning)
    added = call.shell.workspace.additions(plan)
    workspace = call.shell.workspace
    items = items_of(workspace, plan, added)
    time, memory = time_of(workspace, [(plan, added)], [items]), memory_of(workspace, items)
    notes += tuple(filter(None, [workers_note(call.shell.config)]))
    return shown(plan, added, reuse=call.shell.config.cache, items=items, time=time, memory=memory, notes=notes)


def shown(
    plan: Plan,
    added: Additions,
    *,
    reuse: bool = True,
    items: LineItems | None = None,
    time: Estimate | Unmeasured | None = None,
    memory: list[MemoryNeed] | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    """Return the output for a plan and the nodes `added` to it; without `reuse`, every node is shown as not cached.

    items: what is known about the items of its loops; None if the number of images is not shown
    time: how long the line may take, or why that is not known; None if it is not shown
    memory: what each model needs; None if that is not shown
    notes: shown after the notes of the plan
    """
    recompute = plan.recompute if reuse else {node.id for node in plan.nodes}
    images = images_in(items) if items is not None else None
    cached = cached_images(plan, items) if items is not None and reuse else None
    plan = without_random(plan)
    remarks = {
        node.id: UNCACHED if node.id in recompute else runs_text(node.id, items) if items is not None else ""
        for node in plan.nodes
    }
    nodes = tuple(row for node in plan.nodes for row in node_rows(plan, node.id, node.type, remarks[node.id]))
    tables = [Table(("node", "", ""), nodes, wrapped=True)]
    if added.nodes:
        rows = tuple((node.id, node.type, "added to save the image") for node in added.nodes)
        tables.append(Table(("", "", ""), rows, wrapped=True))
    results = ", ".join(f"{node}.{output}" for node, output in added.results) or "none"
    costs = [] if items is None else cost_lines(plan, items, images, cached)
    loading = " (without loading the model)" if memory else ""
    costs += [f"time: {time}{loading if time.seconds is not None else ''}"] if time is not None else []
    costs += memory_text(memory or [])
    head, costs = ("\n".join(costs), []) if plan.axes else ("", costs)  # the nodes of a sweep are many
    text = "\n".join([f"result: {results}", *costs, *(f"note: {note}" for note in (*plan.notes, *notes))])
    data = plan_data(plan, added, recompute)
    data |= {
        "images": images.number if images is not None else None,
        "cached_images": cached,
        "seconds": time.seconds if time is not None else None,
        "memory": [need.to_json() for need in memory or ()],
        "notes": [*plan.notes, *notes],
    }
    return Answer("plan/1", data, tuple(tables), text, head=head)
