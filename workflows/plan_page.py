"""Everything that is known about a planned line, as rows and as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from invocations.values import to_json

from .explained import short_value

if TYPE_CHECKING:
    from collections.abc import Collection

    from .planning.build import PlannedValue
    from .planning.plan import Additions
    from .planning.plan_line import Plan

Row = tuple[str, str, str]
FROM: Final = {"model": "(from the model)", "derived": "(from the image)"}
UNSET: Final = {"drawn": "random (picked when the line runs)", "model": "(the model's own)", "default": "(not set)"}
SAVED: Final = "saved"  # the reason shown for a link to a `save` that was added


def node_rows(plan: Plan, node: str, type_: str, remark: str) -> list[Row]:
    """Return a node of a plan, then its links with their reasons, and its values with their origins."""
    links = [link for link in plan.links if link.edge.target == node]
    rows = [(link.edge.input, f"<- {link.edge.source}.{link.edge.output}  {link.reason}") for link in links]
    values = [each for each in plan.values if each.node == node and not (plan.axes and each.value in ([], ()))]
    rows += [(value.input, _shown_value(value)) for value in values]
    ignored = {each.input: f"; ignored: {each.reason}" for each in plan.ignored if each.node == node}
    return [(node, type_, remark), *(("", f"  {name}", text + ignored.get(name, "")) for name, text in rows)]


def plan_data(plan: Plan, added: Additions, recompute: Collection[str]) -> dict[str, Any]:
    """Return a plan and the nodes `added` to it as JSON data.

    recompute: the nodes that run even if their results are cached
    """
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
