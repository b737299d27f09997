"""Read tables from JSON: a list of objects, or one object a line (JSON Lines)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from invocations.errors import TextFileError
from invocations.foreign import ForeignData, json_data

from .table import MAX_COLUMNS, DataTable, too_many_rows
from .text_file import lines_of

KINDS = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
SAMPLE = '[{"prompt": "a fox"}, {"prompt": "a boat"}]'


def read_json(text: str, name: str) -> DataTable:
    """Return the table in a JSON list of objects. Raises: TextFileError."""
    data = _data(text, name)
    if not isinstance(data, list):
        raise TextFileError(name, f"is {_kind(data)}, not a list of objects", f"write {SAMPLE}")
    return _table(name, ((f"item {number}", item) for number, item in enumerate(data, 1)))


def read_json_lines(text: str, name: str, limit: int) -> DataTable:
    """Return the table in lines that are JSON objects; empty lines are left out. Raises: TextFileError."""
    lines = [(number, line) for number, line in enumerate(lines_of(text), 1) if line.strip()]
    if len(lines) > limit:
        raise too_many_rows(name, limit)
    return _table(name, ((f"line {number}", _data(line, name, number)) for number, line in lines))


def _table(name: str, items: Iterable[tuple[str, Any]]) -> DataTable:
    columns: dict[str, None] = {}
    rows, places = [], []
    for place, item in items:
        if not isinstance(item, dict):
            raise TextFileError(name, f"this is {_kind(item)}, not an object", place=place)
        if "" in item:
            raise TextFileError(name, "a value has no name", place=place)
        columns |= dict.fromkeys(item)
        if len(columns) > MAX_COLUMNS:
            raise TextFileError(name, f"there are more than {MAX_COLUMNS:,} columns", place=place)
        rows.append(item)
        places.append(place)
    return DataTable(name, tuple(columns), rows, places, False)


def _data(text: str, name: str, line: int | None = None) -> Any:
    """Return the data in JSON text; `line` is the number of its line in the file, or None if it is the whole file.

    Raises: TextFileError.
    """
    try:
        return json_data(text, pairs=_object)
    except ForeignData as error:
        cause = error.__cause__
        if not isinstance(cause, json.JSONDecodeError):
            place = f"line {line}" if line else ""
            raise TextFileError(name, f"this {error}" if place else str(error), place=place) from None
        place = f"line {line or cause.lineno}, column {cause.colno}"
        raise TextFileError(name, "this is not JSON", place=place) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object as a dictionary. Raises: ForeignData, if a name occurs twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise ForeignData(f"has two values named `{twice}`")
    return found


def _kind(data: Any) -> str:
    return KINDS.get(type(data), "a number")
