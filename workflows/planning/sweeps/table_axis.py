"""Use the columns of a table as the names of a sweep, and its rows as the items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from invocations.errors import InvocationError, TextFileError
from invocations.language.declarations import Sweep
from invocations.language.each import EachText
from invocations.language.errors import LanguageError
from invocations.language.tree import Stage, Word
from invocations.spec import FieldSpec
from invocations.tables.read import table_of
from invocations.tables.table import DataTable
from workflows.planning.build import Catalog
from workflows.planning.draft import Content, Draft
from workflows.planning.errors import PlanningError, planning_error
from workflows.planning.foresight import FactSource
from workflows.planning.lookup import Check, objections
from workflows.planning.read_values import read_text

from .axes import label
from .declared import Written, guessed
from .no_table import refuse_file, refuse_lines
from .swept_inputs import field_of
from .unused_names import is_mentioned

BAD_TABLE = "bad_table"


def columns_of(
    path: Word, following: Sequence[Stage], catalog: Catalog, facts: FactSource | None, sweep: Sweep
) -> tuple[dict[str, Written], dict[str, str]]:
    """Return the columns that later stages use, and a note about each of the others, by name. Raises: PlanningError.

    following: the stages after `sweep`
    """
    refuse_file(path, following)
    table = _read(path, following, facts)
    found: dict[str, Written] = {}
    unused: dict[str, str] = {}
    for column in table.columns:
        name = _name_of(column, table.columns, following, catalog)
        field = field_of(name, following, catalog)
        if field is None and not is_mentioned(name, following, sweep.where, catalog):
            unused[name] = f"no stage uses the column `{column}` of `{table.name}`"
            continue
        texts = list(_texts(table, column, path))
        wanted = field or guessed(name, texts)
        values = list(_values(wanted, texts, table, path))
        if name in found:
            raise _refused(f"`{table.name}` has two columns named `{name}`", path)
        parts = tuple([EachText(text, path.span) for text in texts])
        found[name] = Written(wanted, parts, path.span, field is not None, table.name, table.places, values)
    if not found:
        refuse_lines(path, following)
        shown = ", ".join(f"`{column}`" for column in table.columns[:8])
        raise _refused(f"no stage uses a column of `{table.name}`", path, f"its columns are {shown}")
    return found, unused


def _name_of(column: str, columns: Sequence[str], following: Sequence[Stage], catalog: Catalog) -> str:
    """Return the name for a column; it may be written in capitals if no other column has the lowercase name."""
    name = column if "." in column else column.strip().replace("-", "_").replace(" ", "_")
    lower = name.lower()
    is_input = lower not in columns and field_of(name, following, catalog) is None
    return lower if is_input and field_of(lower, following, catalog) is not None else name


def refused_values(
    names: Mapping[str, Written], draft: Draft, errors: Sequence[LanguageError], check: Check | None
) -> Iterator[LanguageError]:
    """Yield the errors in the values of a sweep; an error in a table names the place of the row.

    errors: all errors, without rows
    """
    tables = {each.span: each for each in names.values() if each.rows}
    yield from (error for error in errors if error.span not in tables)
    for name, each in names.items() if any(error.span in tables for error in errors) else ():
        for place, value in zip(each.rows, draft.contents[name].value.values if each.rows else (), strict=True):
            single = Draft(draft.stage, draft.spec, {name: Content(value, "written", each.span)})
            for error in objections(single, check):
                yield replace(error, message=f"`{each.table}`, {place}: {error.message}")


def _read(path: Word, following: Sequence[Stage], facts: FactSource | None) -> DataTable:
    try:
        data = facts.text_file(path.text) if facts is not None else None
        if data is not None:
            return table_of(data, path.text)
    except InvocationError as error:
        if isinstance(error, TextFileError):
            refuse_lines(path, following)
        raise PlanningError(LanguageError(error.code, error.message, path.span, error.hint or None)) from None
    raise _refused(f"`{path.text}` cannot be read here", path)


def _texts(table: DataTable, column: str, path: Word) -> Iterator[str]:
    """Yield the values of a column as they would be typed. Raises: PlanningError."""
    for place, row in zip(table.places, table.rows, strict=True):
        value: Any = row.get(column)
        if value is None:
            raise _refused(f"`{table.name}`, {place}: `{column}` has no value", path)
        if isinstance(value, (list, dict)):
            raise _refused(f"`{table.name}`, {place}: `{column}` must be a single value", path)
        yield label(value)


def _values(field: FieldSpec, texts: Sequence[str], table: DataTable, path: Word) -> Iterator[Any]:
    """Yield the values of a column. Raises: PlanningError, with the place of a value that the input does not accept."""
    for place, text in zip(table.places, texts, strict=True):
        try:
            yield read_text(field, text, path.span)
        except PlanningError as refused:
            raise _refused(f"`{table.name}`, {place}: {refused.error.message}", path, refused.error.hint) from None


def _refused(message: str, path: Word, hint: str | None = None) -> PlanningError:
    return planning_error(BAD_TABLE, message, path.span, hint)
