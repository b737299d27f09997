"""The tool `search_nodes`: the commands that match some words, with their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from workflows.manual.node_data import input_data, node_data
from workflows.manual.search import by_category, commands_with
from workflows.synonyms.table import note_on

from .answer import ToolAnswer
from .arguments import SearchArguments

if TYPE_CHECKING:
    from invocations.spec import InvocationSpec

    from .connection import Connection

FEW: Final = 3  # so many commands are described with their inputs without being asked


def search_nodes(connection: Connection, arguments: SearchArguments) -> ToolAnswer:
    """List the commands that match. Raises: UsageError, if none does."""
    words = arguments.words.lower().split()
    catalog = connection.workspace.catalog
    sorted_ = by_category(commands_with(words, catalog))
    found = [spec for specs in sorted_.values() for spec in specs]
    found.sort(key=lambda spec: not any(word in spec.type for word in words))
    shown = found[: arguments.limit]
    inputs = arguments.inputs or len(found) <= FEW
    commands = [{**node_data(spec, catalog), **_types(spec)} if inputs else _row(spec) for spec in shown]
    lines = [line for spec in shown for line in _lines(spec, inputs=inputs)]
    lines += [f"{len(found) - len(shown)} more; raise `limit` to see them"] if len(shown) < len(found) else []
    notes = [note for word in words if (note := note_on(word))]
    return ToolAnswer("\n".join([*lines, *notes]), {"commands": commands, "total": len(found)})


def _row(spec: InvocationSpec) -> dict[str, Any]:
    data = {"type": spec.type, "title": spec.title, "category": spec.category, "summary": spec.summary}
    return {**data, "origin": spec.origin, "examples": [*spec.examples], **_types(spec)}


def _types(spec: InvocationSpec) -> dict[str, str | None]:
    takes, returns = spec.primary_input, spec.primary_output
    return {"takes": str(takes.type) if takes else None, "returns": str(returns.type) if returns else None}


def _lines(spec: InvocationSpec, *, inputs: bool) -> list[str]:
    types = " -> ".join(name or "nothing" for name in _types(spec).values())
    lines = [f"{spec.type}: {spec.summary} ({types})"]
    if not inputs:
        return lines
    lines += [_usage(input_data(field)) for field in spec.inputs]
    return [*lines, *(f"  example: {example}" for example in spec.examples)]


def _usage(data: dict[str, Any]) -> str:
    facts = [data["type"], data.get("range_text", ""), data.get("default_text", "")]
    return f"  {data['option']} ({'; '.join(filter(None, facts))})  {data['description']}"
