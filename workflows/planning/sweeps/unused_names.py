"""Refuse names of a sweep that no stage uses, such as a mistyped input; unused columns of a table only cause notes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePath

from invocations.errors import ExpressionError
from invocations.expressions.expression import compile_expression
from invocations.graph.linking import Offer
from invocations.language.declarations import DeclaredName, read_declarations
from invocations.language.did_you_mean import did_you_mean
from invocations.language.errors import LanguageError
from invocations.language.printer import print_value
from invocations.language.tree import Option, Positional, Reference, Stage, Word
from invocations.spec import FieldSpec, InvocationSpec
from workflows.planning.build import Catalog
from workflows.planning.draft import is_flag, option
from workflows.planning.errors import listed
from workflows.planning.plan import PlannedStage

from .axes import AXIS
from .kinds import kind_of
from .names import fields_in
from .no_table import TABLES

FOLLOWS = (
    "scalar_into_list",
    "unused_result",
    "missing_input",
    "bad_file_name",
    "unknown_axis",
)  # errors that may follow from an unused name
End = tuple[str, str]  # a node and its output


def unused_names(
    stages: Sequence[Stage], sweep: PlannedStage, used: Collection[End], catalog: Catalog
) -> Iterator[LanguageError]:
    """Yield an error for each declared name of a line that no stage uses.

    stages: all stages of the line, of which the first one is `sweep`. used: the outputs that later stages use
    """
    found, _ = read_declarations(stages[0])
    offers = {offer.name: offer for offer in sweep.stage_outputs.offers}
    values = [argument.value for stage in stages[1:] for argument in stage.arguments]
    wrong = {value.name for value in values if isinstance(value, Reference) and value.output is None}
    for each in found.declarations:
        name = each.name if each.name in offers else each.name.replace("-", "_")
        if name in wrong:  # `@seed`, which is refused as a reference
            continue
        is_part = name in offers and is_mentioned(name, stages[1:], found.where, catalog)
        if not _is_used(name, offers, used) and not (is_part and _is_around(offers[name], offers, used)):
            others = [other for other in offers if _is_used(other, offers, used)] if is_part else []
            yield _unused(each, name, stages[1:], catalog, others)


def unused_columns(
    stages: Sequence[Stage], sweep: PlannedStage, used: Collection[End], catalog: Catalog
) -> Iterator[str]:
    """Yield a note for each column of a table whose input is set by every stage that has it."""
    found, _ = read_declarations(stages[0])
    offers = {offer.name: offer for offer in sweep.stage_outputs.offers}
    declared = {form for each in found.declarations for form in (each.name, each.name.replace("-", "_"))}
    for name in offers if found.table is not None else ():
        is_named = _is_used(name, offers, used) or is_mentioned(name, stages[1:], found.where, catalog)
        if name not in declared and not is_named:
            table = found.table.text if found.table is not None else ""
            yield f"the column `{name}` of `{table}` is not used: every stage that has `{name}` sets it itself"


def is_mentioned(name: str, following: Sequence[Stage], where: Word | None, catalog: Catalog) -> bool:
    """Whether an expression (`where`), a file name or a reference in a later stage mentions a name."""
    savers = [stage for stage in following if "saves" in _roles(stage, catalog)]
    targets = [each.value.text for stage in savers for each in stage.arguments if isinstance(each.value, Word)]
    values = [argument.value for stage in following for argument in stage.arguments]
    outputs = [value.output for value in values if isinstance(value, Reference)]
    fields = {field.removeprefix(AXIS) for each in targets for field in fields_in(each)}  # `{name}` means `{axis.name}`
    return name in _names_in(where) or name in outputs or name in fields


def _roles(stage: Stage, catalog: Catalog) -> Collection[str]:
    spec = catalog.get(stage.command.text)
    return spec.roles if spec is not None else ()


def _is_used(name: str, offers: Mapping[str, Offer], used: Collection[End]) -> bool:
    return name in offers and (offers[name].node, offers[name].output) in used


def _is_around(offer: Offer, offers: Mapping[str, Offer], used: Collection[End]) -> bool:
    """Whether a stage uses another name of the same axis, so the items of the axis are known there."""
    return any(_is_used(name, offers, used) for name in offers if offers[name].loops == offer.loops)


def _names_in(where: Word | None) -> Collection[str]:
    try:
        return compile_expression(where.text).names if where is not None else ()
    except ExpressionError:  # the planner reports it
        return ()


def _unused(
    declared: DeclaredName, name: str, following: Sequence[Stage], catalog: Catalog, others: Sequence[str]
) -> LanguageError:
    """Return the error for an unused name. others: the names that stages use, if a file name contains the unused one"""
    own = name.rpartition(".")[2]
    taking = [
        (stage, spec, field)
        for stage in following
        if (spec := catalog.get(stage.command.text)) is not None
        and (field := spec.input(own)) is not None
        and name in (own, f"{spec.type}.{own}")
    ]
    message, hint = f"no stage uses `{declared.name}`", None
    if taking:
        message, hint = _set_otherwise(declared, *taking[0])
    elif others:
        hint = f"it can only advance with a name that a stage uses: --zip {others[0]},{declared.name}"
    else:
        specs = [spec for stage in following if (spec := catalog.get(stage.command.text)) is not None]
        names = list(dict.fromkeys(field.name for spec in specs for field in spec.inputs if kind_of(field)))
        full = [f"{spec.type}.{field.name}" for spec in specs for field in spec.inputs if kind_of(field)]
        known = f"the stages take {listed((f'`{each}`' for each in names), most=8)}" if names else None
        hint = _table(declared) or did_you_mean(name, full if "." in name else names, known)
    return LanguageError("unused_value", message, declared.name_span, hint)


def _table(declared: DeclaredName) -> str | None:
    """Return a hint if the only value of a name is the path of a table, as in `file=jobs.csv`; otherwise None."""
    word = declared.values[0]
    is_table = isinstance(word, Word) and PurePath(word.text).suffix.lower() in TABLES and not declared.values[1:]
    return f"to use the columns of the table, write sweep {print_value(word)}" if is_table else None


def _set_otherwise(
    declared: DeclaredName, stage: Stage, spec: InvocationSpec, field: FieldSpec
) -> tuple[str, str | None]:
    """Return the message and the hint for a name whose input a stage has, but with a value from elsewhere."""
    written = _written(stage, field)
    if written:
        message = f"no stage uses `{declared.name}`: `{spec.type}` has `{written}`"
        return message, f"leave out `{written}`, or `{declared.name}` after `sweep`"
    if field.free_text and any(isinstance(each, Positional) for each in stage.arguments):
        message = f"no stage uses `{declared.name}`: `{spec.type}` has a {field.name} of its own"
        return message, f"leave out the {field.name}, or `{declared.name}` after `sweep`"
    return (
        f"no stage uses `{declared.name}`",
        f"each stage that has `{field.name}` sets it itself or receives it from another stage",
    )


def _written(stage: Stage, field: FieldSpec) -> str:
    """Return the option of a stage that sets an input, such as `--seed 5`, or ""."""
    for place, each in enumerate(stage.arguments):
        if isinstance(each, Option) and each.name in (option(field)[2:], field.name, field.short):
            shown, follows = ("-" if each.short else "--") + each.name, stage.arguments[place + 1 : place + 2]
            if each.value is not None:
                return f"{shown}{'' if each.short else '='}{print_value(each.value)}"
            if follows and isinstance(follows[0], Positional) and not is_flag(field):
                return f"{shown} {print_value(follows[0].value)}"
            return shown
    return ""
