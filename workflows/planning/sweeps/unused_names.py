"""Refuse names of a sweep that no stage uses, such as a mistyped input; unused columns of a table only cause notes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from invocations.errors import ExpressionError
from invocations.expressions.expression import compile_expression
from invocations.graph.graph import Edge
from invocations.language.declarations import DeclaredName, read_declarations
from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.tree import Reference, Stage, Word
from workflows.planning.build import Catalog
from workflows.planning.plan import PlannedStage


def unused_names(
    stages: Sequence[Stage], sweep: PlannedStage, edges: Sequence[Edge], catalog: Catalog
) -> Iterator[LanguageError]:
    """Yield an error for each declared name of a line that no stage uses.

    stages: all stages of the line, of which the first one is `sweep`
    """
    used = {(edge.source, edge.output) for edge in edges if edge.target not in sweep.nodes}
    found, _ = read_declarations(stages[0])
    outputs = sweep.outputs
    for each in found.declarations:
        name = each.name if each.name in outputs else each.name.replace("-", "_")
        if outputs.get(name) not in used and not is_mentioned(name, stages[1:], found.where):
            yield _unused(each, name, stages[1:], catalog)


def unused_columns(stages: Sequence[Stage], sweep: PlannedStage, edges: Sequence[Edge]) -> Iterator[str]:
    """Yield a note for each column of a table whose input is set by every stage that has it."""
    found, _ = read_declarations(stages[0])
    used = {(edge.source, edge.output) for edge in edges if edge.target not in sweep.nodes}
    declared = {form for each in found.declarations for form in (each.name, each.name.replace("-", "_"))}
    for name, output in sweep.outputs.items() if found.table is not None else ():
        if name not in declared and output not in used and not is_mentioned(name, stages[1:], found.where):
            table = found.table.text if found.table is not None else ""
            yield f"the column `{name}` of `{table}` is not used: every stage that has `{name}` sets it itself"


def is_mentioned(name: str, following: Sequence[Stage], where: Word | None) -> bool:
    """Whether an expression (`where`), a file name or a reference in a later stage mentions a name."""
    values = [argument.value for stage in following for argument in stage.arguments]
    texts = [value.text for value in values if isinstance(value, Word)]
    outputs = [value.output for value in values if isinstance(value, Reference)]
    field = re.compile(rf"axis\.{re.escape(name)}(?!\w)")
    return name in _names_in(where) or name in outputs or any(map(field.search, texts))


def _names_in(where: Word | None) -> Collection[str]:
    try:
        return compile_expression(where.text).names if where is not None else ()
    except ExpressionError:  # the planner reports it
        return ()


def _unused(declared: DeclaredName, name: str, following: Sequence[Stage], catalog: Catalog) -> LanguageError:
    specs = [spec for stage in following if (spec := catalog.get(stage.command.text)) is not None]
    own = name.rpartition(".")[2]
    if any(spec.input(own) is not None and name in (own, f"{spec.type}.{own}") for spec in specs):
        hint: str | None = f"every stage that has `{own}` sets it itself"
    else:
        hint = did_you_mean(name, [field.name for spec in specs for field in spec.inputs])
    return LanguageError("unused_value", f"no stage uses `{declared.name}`", declared.name_span, hint)
