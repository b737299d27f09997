"""`explain LINE`: show nodes, values with their origins and links with their reasons, without running anything."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from invocations.values import to_json
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.estimate import images_of, time_of
from workflows.problems import UsageError
from workflows.settings.table import BY_NAME

from .call import Call

if TYPE_CHECKING:
    from collections.abc import Collection

    from workflows.charts.amount import Amount
    from workflows.charts.duration import Estimate
    from workflows.planning.build import PlannedValue
    from workflows.planning.plan import Additions
    from workflows.planning.plan_line import Plan

FROM = {"model": "(from the model)", "derived": "(from the image)"}
UNSET = {"drawn": "(picked when the line runs)", "model": "(the model's own)", "default": "(not set)"}
UNCACHED = "runs even if its result is cached (--no-cache)"
ASKED = BY_NAME["max_items"].default  # how many items run without asking
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
    return shown(
        plan,
        added,
        reuse=call.shell.config.cache,
        images=images_of(plan, added, workspace.catalog),
        cached=_cached_images(call, plan, added),
        time=time_of(workspace, [(plan, added)]),
        notes=notes,
    )


def _cached_images(call: Call, plan: Plan, added: Additions) -> int | None:
    """Return how many images of a sweep are cached; None if the line has no sweep or the cache is off."""
    cache = call.shell.workspace.invoker.cache if plan.axes and call.shell.config.cache else None
    if cache is None:
        return None
    from workflows.cached_items import cached_images  # imported on demand: few lines have a sweep

    return cached_images(plan, added, call.shell.workspace.catalog, cache)


def shown(
    plan: Plan,
    added: Additions,
    *,
    reuse: bool = True,
    images: Amount | None = None,
    cached: int | None = None,
    time: Estimate | None = None,
    notes: tuple[str, ...] = (),
) -> Answer:
    """Return the output for a plan and the nodes `added` to it; without `reuse`, every node is shown as not cached.

    images: how many images the line saves; None if the number is not shown
    cached: how many of them are cached; None if that is not shown
    time: how long the line may take; None if unknown
    notes: shown after the notes of the plan
    """
    recompute = plan.recompute if reuse else {node.id for node in plan.nodes}
    nodes = tuple(row for node in plan.nodes for row in _node(plan, node.id, node.type, recompute=node.id in recompute))
    tables = [Table(("node", "", ""), nodes, wrapped=True)]
    if added.nodes:
        rows = tuple((node.id, node.type, "added to save the image") for node in added.nodes)
        tables.append(Table(("", "", ""), rows, wrapped=True))
    results = ", ".join(f"{node}.{output}" for node, output in added.results) or "none"
    costs = [f"images: {_images(plan, images)}{_cost(plan, cached)}"] if images else []
    costs += [f"time: {time}"] if time is not None else []
    text = "\n".join([f"result: {results}", *costs, *(f"note: {note}" for note in (*plan.notes, *notes))])
    data = _data(plan, added, recompute)
    data |= {
        "images": images.number if images is not None else None,
        "cached_images": cached,
        "seconds": time.seconds if time is not None else None,
        "notes": [*plan.notes, *notes],
    }
    return Answer("plan/1", data, tuple(tables), text)


def _images(plan: Plan, images: Amount) -> str:
    """Return the number of saved images and how a sweep leads to it: `3 x 4 = 12`, or `1, from 3 x 4 = 12 items`."""
    counts = [axis.count or 0 for axis in plan.axes]
    product = f"{' x '.join(map(str, counts))} = " if len(counts) > 1 and prod(counts) == plan.items else ""
    if images.number == plan.items or plan.items < 2:
        return f"{product}{images}"
    return f"{images}, from {product}{plan.items} items"


def _cost(plan: Plan, cached: int | None) -> str:
    found = f", {cached} cached" if cached else ""
    return found + ("; needs --yes in a script" if plan.items > ASKED else "")


def _node(plan: Plan, node: str, type_: str, *, recompute: bool) -> list[tuple[str, str, str]]:
    rows = [(node, type_, UNCACHED if recompute else "")]
    for link in plan.links:
        if link.edge.target == node:
            rows.append(("", f"  {link.edge.input}", f"<- {link.edge.source}.{link.edge.output}  {link.reason}"))
    rows += [("", f"  {value.input}", _shown_value(value)) for value in plan.values if value.node == node]
    return rows


def _shown_value(value: PlannedValue) -> str:
    if value.origin == "derived" and value.value is None:
        return FROM["derived"]
    known = value.origin in FROM and value.value is not None
    return f"{_value(value)} {FROM[value.origin]}" if known else f"{_value(value)}  {value.origin}"


def _value(value: PlannedValue) -> str:
    if value.value is None:
        return UNSET.get(value.origin, "none")
    if isinstance(value.value, bool):
        return "yes" if value.value else "no"
    if isinstance(value.value, str):
        return f'"{value.value}"'
    return str(to_json(value.value))


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
            {"node": v.node, "input": v.input, "value": to_json(v.value), "origin": v.origin} for v in plan.values
        ],
        "edges": edges,
        "results": [{"node": node, "output": output} for node, output in added.results],
    }
