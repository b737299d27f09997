"""`nodes [WORD ...]`: list the commands by category, or those that match a search."""

from __future__ import annotations

from invocations.spec import InvocationSpec
from invokeai_cli.render.answer import Answer
from invokeai_cli.render.tables import Table
from workflows.manual.categories import category_order
from workflows.problems import UsageError
from workflows.synonyms.table import Synonym, find_synonym, note_on, suggestion

from .call import Call


def run(call: Call) -> Answer:
    """List the commands whose name, title, summary, category, tags or names in other tools contain every word."""
    words = [word.lower() for word in call.values]
    call.shell.workspace.check_plugins()
    specs = [spec for spec in call.shell.workspace.catalog.values() if all(_contains(spec, word) for word in words)]
    if words and not specs:
        hint = suggestion(words[0], "commands", call.shell.workspace.catalog, "`nodes` lists all")
        raise UsageError(f"no command matches `{' '.join(words)}`", hint)
    by_category: dict[str, list[InvocationSpec]] = {}
    for spec in sorted(specs, key=lambda spec: (category_order(spec.category), spec.category, spec.type)):
        by_category.setdefault(spec.category, []).append(spec)
    row = _row_with_types if words else _row
    tables = tuple(
        Table(("",) * 2, tuple(map(row, found)), title, wrapped=True) for title, found in by_category.items()
    )
    data = [
        {"type": s.type, "title": s.title, "category": s.category, "summary": s.summary, "origin": s.origin}
        for s in specs
    ]
    notes = [note for word in words if (note := note_on(word))]
    return Answer("nodes/1", {"nodes": data}, tables, "\n".join(notes))


def _row(spec: InvocationSpec) -> tuple[str, str]:
    return f"  {spec.type}", spec.summary


def _row_with_types(spec: InvocationSpec) -> tuple[str, str]:
    into, out = spec.primary_input, spec.primary_output
    return _row(spec)[0], f"{spec.summary} ({into.type if into else 'nothing'} -> {out.type if out else 'nothing'})"


def _contains(spec: InvocationSpec, word: str) -> bool:
    texts = (spec.type, spec.title, spec.summary, spec.category, *spec.tags)
    synonym = find_synonym(word)
    return any(word in text.lower() for text in texts) or (synonym is not None and _is_meant(spec, synonym))


def _is_meant(spec: InvocationSpec, synonym: Synonym) -> bool:
    """Return True if the synonym, a term from another tool, refers to the command or one of its inputs."""
    return spec.type in synonym.commands or any(spec.input(name) is not None for name in synonym.inputs)
