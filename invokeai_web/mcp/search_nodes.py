"""The tool `search_nodes`: the commands that match some words, with their inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from invocations.values import to_json
from workflows.manual.search import by_category, commands_with
from workflows.synonyms.table import note_on

from .answer import ToolAnswer
from .arguments import SearchArguments

if TYPE_CHECKING:
    from invocations.spec import FieldSpec, InvocationSpec

    from .connection import Connection

FEW: Final = 3  # so many commands are described with their inputs without being asked


def search_nodes(connection: Connection, arguments: SearchArguments) -> ToolAnswer:
    """List the commands that match. Raises: UsageError, if none does."""
    words = arguments.words.lower().split()
    found = [
        spec for specs in by_category(commands_with(words, connection.workspace.catalog)).values() for spec in specs
    ]
    found.sort(key=lambda spec: not any(word in spec.type for word in words))
    shown = found[: arguments.limit]
    inputs = arguments.inputs or len(found) <= FEW
    data = {"commands": [_command(spec, inputs=inputs) for spec in shown], "total": len(found)}
    lines = [line for spec in shown for line in _lines(spec, inputs=inputs)]
    lines += [f"{len(found) - len(shown)} more; raise `limit` to see them"] if len(shown) < len(found) else []
    notes = [note for word in words if (note := note_on(word))]
    return ToolAnswer("\n".join([*lines, *notes]), data)


def _command(spec: InvocationSpec, *, inputs: bool) -> dict[str, Any]:
    takes, returns = spec.primary_input, spec.primary_output
    data: dict[str, Any] = {
        "type": spec.type,
        "title": spec.title,
        "category": spec.category,
        "summary": spec.summary,
        "origin": spec.origin,
        "takes": str(takes.type) if takes else None,
        "returns": str(returns.type) if returns else None,
        "examples": [*spec.examples],
    }
    return data | {"inputs": [_input(field) for field in spec.inputs]} if inputs else data


def _input(field: FieldSpec) -> dict[str, Any]:
    limits = {"minimum": field.ge, "above": field.gt, "maximum": field.le, "below": field.lt}
    data: dict[str, Any] = {
        "name": field.name,
        "option": f"--{field.name.replace('_', '-')}",
        "type": str(field.type),
        "description": field.description,
        "required": field.required,
        "primary": field.primary,
        "given": field.given,
    }
    data |= {name: limit for name, limit in limits.items() if limit is not None}
    data |= {"multiple_of": field.multiple_of} if field.multiple_of else {}
    data |= {"unit": field.unit} if field.unit else {}
    return data if field.default is None else data | {"default": to_json(field.default)}


def _lines(spec: InvocationSpec, *, inputs: bool) -> list[str]:
    takes, returns = spec.primary_input, spec.primary_output
    types = f"{takes.type if takes else 'nothing'} -> {returns.type if returns else 'nothing'}"
    lines = [f"{spec.type}: {spec.summary} ({types})"]
    if not inputs:
        return lines
    lines += [f"  {_usage(field)}  {field.description}" for field in spec.inputs]
    return [*lines, *(f"  example: {example}" for example in spec.examples)]


def _usage(field: FieldSpec) -> str:
    default = "" if field.default in (None, [], "") else f" = {to_json(field.default)}"
    return f"--{field.name.replace('_', '-')} ({field.type}){default}"
