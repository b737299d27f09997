"""The tools `plan` and `explain`: what a line would do, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.language.source import Source
from workflows.estimate import images_in, items_of
from workflows.explained import cost_lines, runs_text, without_random
from workflows.explanation import explain, reuse_forecast
from workflows.line_items import cached_images
from workflows.memory_need import memory_text
from workflows.plan_page import node_rows, plan_data

from .answer import ToolAnswer
from .arguments import LineArguments

if TYPE_CHECKING:
    from invocations.cache.forecast import Forecast
    from workflows.explanation import Explanation
    from workflows.planning.plan import Plan

    from .connection import Connection


def plan_line(connection: Connection, arguments: LineArguments) -> ToolAnswer:
    """Check a line and return its plan. Raises: Refusal, ConfigError."""
    with connection.planning() as workspace:
        workspace.refresh()
        plan = connection.plan(Source(None, arguments.line), arguments.max_items)
        added = workspace.additions(plan)
        recompute = plan.recompute if workspace.settings.cache else {node.id for node in plan.nodes}
        data = plan_data(without_random(plan), added, recompute)
        data |= {"images": images_in(items_of(workspace, plan, added)).number, "notes": [*plan.notes]}
        data |= {"warnings": _warnings(connection, plan)}
    stages = ", ".join(stage.command for stage in plan.stages)
    counted = [] if data["images"] is None else [f"images: {data['images']}"]
    return ToolAnswer(_page([f"valid: {stages}; nothing has run", *counted], data), data)


def explain_line(connection: Connection, arguments: LineArguments) -> ToolAnswer:
    """Describe a line with its values, links and costs. Raises: Refusal, ConfigError."""
    with connection.planning() as workspace:
        workspace.refresh()
        found = explain(workspace, connection.plan(Source(None, arguments.line), arguments.max_items))
        forecasts = reuse_forecast(workspace, found.plan) if found.reuse else []
        cached = [each.node for each in forecasts if each.reused]
        data = found.data() | {"cached": cached, "warnings": _warnings(connection, found.plan)}
        lines = [*_nodes(found, forecasts), *_costs(found)]
    return ToolAnswer(_page(lines, data), data)


def _nodes(found: Explanation, forecasts: list[Forecast]) -> list[str]:
    """Return each node with its values and links, as lines of text."""
    plan, cached = without_random(found.plan), {each.node for each in forecasts if each.reused}
    remarks = [(node, "cached" if node.id in cached else runs_text(node.id, found.items)) for node in plan.nodes]
    rows = [row for node, remark in remarks for row in node_rows(plan, node.id, node.type, remark)]
    lines = ["  ".join(part for part in row if part) for row in rows]
    return [*lines, *(f"{node.id}  {node.type}  added to save the image" for node in found.added.nodes)]


def _costs(found: Explanation) -> list[str]:
    """Return the number of images, the time and the memory that a line takes, as far as they are known."""
    cached = cached_images(found.plan, found.items) if found.reuse else None
    costs = cost_lines(found.plan, found.items, images_in(found.items), cached)
    if found.time is not None:
        loading = " (without loading the model)" if found.memory and found.time.seconds is not None else ""
        costs.append(f"time: {found.time}{loading}")
    return costs + memory_text(found.memory)


def _warnings(connection: Connection, plan: Plan) -> list[str]:
    lint = connection.workspace.warnings(plan)
    return [*connection.take_warnings(), *(text.partition("\n")[0] for text in lint)]


def _page(lines: list[str], data: dict[str, Any]) -> str:
    """Return lines of text, followed by the warnings and notes of the line."""
    warnings = [f"warning: {text}" for text in data["warnings"]]
    return "\n".join([*lines, *warnings, *(f"note: {text}" for text in data["notes"])])
