"""`explain LINE`: show nodes, values with their origins and links with their reasons, without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.values import to_json
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.estimate import images_in, items_of, time_of
from workflows.explained import cost_lines, runs_text, short_value, without_random
from workflows.line_items import cached_images
from workflows.memory_need import memory_of, memory_text
from workflows.problems import UsageError

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Collection

    from workflows.charts.duration import Estimate
    from workflows.estimate import Unmeasured
    from workflows.line_items import LineItems
    from workflows.memory_need import MemoryNeed
    from workflows.planning.build import PlannedValue
    from workflows.planning.plan import Additions
    from workflows.planning.plan_line import Plan

FROM = {"model": "(from the model)", "derived": "(from the image)"}
UNSET = {"drawn": "random (picked when the line runs)", "model": "(the model's own)", "default": "(not set)"}
UNCACHED = "runs even if its result is cached (--no-cache)"
SAVED = "saved"  # the reason shown for a link to a `save` that was added


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
    nodes = tuple(row for node in plan.nodes for row in _node(plan, node.id, node.type, remarks[node.id]))
    tables = [Table(("node", "", ""), nodes, wrapped=True)]
    if added.nodes:
        rows = tuple((node.id, node.type, "added to save the image") for node in added.nodes)
        tables.append(Table(("", "", ""), rows, wrapped=True))
    results = ", ".join(f"{node}.{output}" for node, output in added.results) or "none"
    costs = [] if items is None else cost_lines(plan, items, images, cached)
    costs += [f"time: {time}"] if time is not None else []
    costs += memory_text(memory or [])
    head, costs = ("\n".join(costs), []) if plan.axes else ("", costs)  # the nodes of a sweep are many
    text = "\n".join([f"result: {results}", *costs, *(f"note: {note}" for note in (*plan.notes, *notes))])
    data = _data(plan, added, recompute)
    data |= {
        "images": images.number if images is not None else None,
        "cached_images": cached,
        "seconds": time.seconds if time is not None else None,
        "memory": [need.to_json() for need in memory or ()],
        "notes": [*plan.notes, *notes],
    }
    return Answer("plan/1", data, tuple(tables), text, head=head)


def _node(plan: Plan, node: str, type_: str, remark: str) -> list[tuple[str, str, str]]:
    links = [link for link in plan.links if link.edge.target == node]
    rows = [(link.edge.input, f"<- {link.edge.source}.{link.edge.output}  {link.reason}") for link in links]
    values = [each for each in plan.values if each.node == node and not (plan.axes and each.value in ([], ()))]
    rows += [(value.input, _shown_value(value)) for value in values]
    ignored = {each.input: f"; ignored: {each.reason}" for each in plan.ignored if each.node == node}
    return [(node, type_, remark), *(("", f"  {name}", text + ignored.get(name, "")) for name, text in rows)]


def _shown_value(value: PlannedValue) -> str:
    if value.origin == "derived" and value.value is None:
        return FROM["derived"]
    where = f"(set for {value.model})" if value.model else FROM.get(value.origin, "")
    known = where and value.value is not None
    return f"{_value(value)} {where}" if known else f"{_value(value)}  {value.origin}"


def _value(value: PlannedValue) -> str:
    if value.value is None:
        return UNSET.get(value.origin, "none")
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, str):
        return f'"{value.value}"'
    return short_value(value.input, value.value)


def _data(plan: Plan, added: Additions, recompute: Collection[str]) -> dict[str, Any]:
    """Return the plan as a JSON document."""
    edges = [
        {"source": e.source, "output": e.output, "target": e.target, "input": e.input, "reason": link.reason}
        for link in plan.links
        for e in (link.edge,)
    ]
    edges += [
        {"source": e.source, "output": e.output, "target": e.target, "input": e.input, "reason": SAVED}
        for e in added.edges
    ]
    return {
        "line": plan.source.text.strip(),
        "stages": [
            {"number": s.number, "command": s.command, "name": s.name, "nodes": list(s.nodes)} for s in plan.stages
        ],
        "nodes": [
            {"id": node.id, "type": node.type, "reuse": node.id not in recompute}
            for node in (*plan.nodes, *added.nodes)
        ],
        "values": [
            {"node": v.node, "input": v.input, "value": to_json(v.value), "origin": v.origin, "model": v.model or None}
            for v in plan.values
        ],
        "edges": edges,
        "ignored": [{"node": each.node, "input": each.input, "reason": each.reason} for each in plan.ignored],
        "results": [{"node": node, "output": output} for node, output in added.results],
    }
