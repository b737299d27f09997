"""`explain LINE`: show nodes, values with their origins and links with their reasons, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.estimate import images_in
from workflows.explained import cost_lines, runs_text, without_random
from workflows.explanation import explain
from workflows.line_items import cached_images
from workflows.memory_need import memory_text
from workflows.plan_page import node_rows, plan_data
from workflows.problems import UsageError

from .call import Call

if TYPE_CHECKING:
    from workflows.explanation import Explanation
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
    found = explain(call.shell.workspace, plan, notes)
    return shown(plan, found.added, found)


def shown(plan: Plan, added: Additions, found: Explanation | None = None) -> Answer:
    """Return the output for a plan and the nodes `added` to it; `found` is None if nothing else is to be shown."""
    recompute = plan.recompute if found is None or found.reuse else {node.id for node in plan.nodes}
    items = found.items if found is not None else None
    data = found.data() if found is not None else plan_data(without_random(plan), added, recompute)
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
    costs, notes = _costs(plan, found), found.notes if found is not None else ()
    head, costs = ("\n".join(costs), []) if plan.axes else ("", costs)  # the nodes of a sweep are many
    text = "\n".join([f"result: {results}", *costs, *(f"note: {note}" for note in (*plan.notes, *notes))])
    return Answer("plan/1", data, tuple(tables), text, head=head)


def _costs(plan: Plan, found: Explanation | None) -> list[str]:
    """Return the number of images, the time and the memory that a line takes, as far as they are known."""
    if found is None:
        return []
    cached = cached_images(plan, found.items) if found.reuse else None
    costs = cost_lines(plan, found.items, images_in(found.items), cached)
    loading = " (without loading the model)" if found.memory else ""
    if found.time is not None:
        costs.append(f"time: {found.time}{loading if found.time.seconds is not None else ''}")
    return costs + memory_text(found.memory)
