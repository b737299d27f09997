"""The tools `plan` and `explain`: what a line would do, without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from invocations.language.source import Source
from workflows.estimate import images_in, items_of, time_of
from workflows.explained import cost_lines, runs_text, without_random
from workflows.line_items import cached_images
from workflows.memory_need import memory_of, memory_text
from workflows.plan_page import node_rows, plan_data

from .answer import ToolAnswer
from .arguments import LineArguments

if TYPE_CHECKING:
    from workflows.planning.plan import Additions, Plan

    from .connection import Connection


def plan_line(connection: Connection, arguments: LineArguments) -> ToolAnswer:
    """Check a line and return its plan. Raises: Refusal, ConfigError."""
    with connection.planning() as workspace:
        workspace.refresh()
        plan = connection.plan(Source(None, arguments.line), arguments.max_items)
        added = workspace.additions(plan)
        images = images_in(items_of(workspace, plan, added)).number
        data = _data(connection, plan, added) | {"images": images}
    stages = ", ".join(stage.command for stage in plan.stages)
    counted = "" if images is None else f"\nimages: {images}"
    return ToolAnswer(_page([f"valid: {stages}; nothing has run{counted}"], data), data)


def explain_line(connection: Connection, arguments: LineArguments) -> ToolAnswer:
    """Describe a line with its values, links and costs. Raises: Refusal, ConfigError."""
    with connection.planning() as workspace:
        workspace.refresh()
        plan = connection.plan(Source(None, arguments.line), arguments.max_items)
        added = workspace.additions(plan)
        items = items_of(workspace, plan, added)
        images, cached = images_in(items), cached_images(plan, items)
        time, memory = time_of(workspace, [(plan, added)], [items]), memory_of(workspace, items)
        reused = [each.node for each in workspace.forecast(plan) if each.reused]
        data = _data(connection, plan, added) | {
            "images": images.number,
            "cached": reused,
            "cached_images": cached,
            "seconds": time.seconds if time is not None else None,
            "memory": [need.to_json() for need in memory],
        }
        plan = without_random(plan)
        remarks = {
            id_: "cached" if id_ in reused else runs_text(id_, items) for id_ in (node.id for node in plan.nodes)
        }
        rows = [row for node in plan.nodes for row in node_rows(plan, node.id, node.type, remarks[node.id])]
        lines = ["  ".join(part for part in row if part) for row in rows]
        lines += [f"{node.id}  {node.type}  added to save the image" for node in added.nodes]
        lines += cost_lines(plan, items, images, cached)
        seconds = time.seconds if time is not None else None
        loading = " (without loading the model)" if memory and seconds is not None else ""
        lines += [f"time: {time}{loading}"] if time is not None else []
    return ToolAnswer(_page([*lines, *memory_text(memory)], data), data)


def _data(connection: Connection, plan: Plan, added: Additions) -> dict[str, Any]:
    workspace = connection.workspace
    recompute = plan.recompute if workspace.settings.cache else {node.id for node in plan.nodes}
    warnings = [*connection.take_warnings(), *(text.partition("\n")[0] for text in workspace.warnings(plan))]
    return plan_data(without_random(plan), added, recompute) | {"notes": [*plan.notes], "warnings": warnings}


def _page(lines: list[str], data: dict[str, Any]) -> str:
    """Return lines of text, followed by the warnings and notes of the line."""
    warnings = [f"warning: {text}" for text in data["warnings"]]
    return "\n".join([*lines, *warnings, *(f"note: {text}" for text in data["notes"])])
