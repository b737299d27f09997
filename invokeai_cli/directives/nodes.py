"""`nodes [WORD ...]`: list the commands by category, or those that match a search."""

from __future__ import annotations

from typing import Any

from invocations.spec import InvocationSpec
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.manual.search import by_category, commands_with
from workflows.synonyms.table import note_on

from .call import Call


def run(call: Call) -> Answer:
    """List the commands whose name, title, summary, category, tags or names in other tools contain every word."""
    words = [word.lower() for word in call.values]
    call.shell.workspace.check_plugins()
    specs = commands_with(words, call.shell.workspace.catalog)
    row = _row_with_types if words else _row
    tables = tuple(
        Table(("",) * 2, tuple(map(row, found)), title, wrapped=True) for title, found in by_category(specs).items()
    )
    notes = [note for word in words if (note := note_on(word))]
    return Answer("nodes/1", _data(call, specs), tables, "\n".join(notes))


def _data(call: Call, specs: list[InvocationSpec]) -> dict[str, Any]:
    if not call.shell.command_line.is_json:
        return {}
    from workflows.manual.node_data import nodes_data  # imported on demand: only programs need it

    return nodes_data(specs, call.shell.workspace.catalog)


def _row(spec: InvocationSpec) -> tuple[str, str]:
    return f"  {spec.type}", spec.summary


def _row_with_types(spec: InvocationSpec) -> tuple[str, str]:
    into, out = spec.primary_input, spec.primary_output
    return _row(spec)[0], f"{spec.summary} ({into.type if into else 'nothing'} -> {out.type if out else 'nothing'})"
