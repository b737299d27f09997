"""A table: rows of values by column, with their places in the file."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from invocations.errors import TextFileError
from invocations.frozen import frozen

MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 1_000
WRITTEN_NUMBER: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,3})?")  # not `007`


@frozen
class DataTable:
    """The rows of a table in order.

    rows: the values of each row by column; a row of a JSON file may lack values
    places: the place of each row in the file, such as "line 3"
    raw: whether all values are strings as written, as in CSV files
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    places: Sequence[str]
    raw: bool


def too_many_rows(name: str, limit: int) -> TextFileError:
    """Return the error for a table with too many rows."""
    return TextFileError(name, f"has more than {limit:,} rows")


def with_numbers(table: DataTable) -> DataTable:
    """Return a table in which columns of strings that are all numbers contain numbers; empty strings become None.

    A column with a string such as `007`, which is not the usual form of a number, remains a column of strings.
    """
    if not table.raw:
        return table
    numeric = {name for name in table.columns if _is_numeric([row[name] for row in table.rows])}
    rows = [{name: _number(text) if name in numeric else text for name, text in row.items()} for row in table.rows]
    return DataTable(table.name, table.columns, rows, table.places, False)


def _is_numeric(texts: Sequence[str]) -> bool:
    written = [text for text in texts if text]
    return bool(written) and all(WRITTEN_NUMBER.fullmatch(text) and math.isfinite(float(text)) for text in written)


def _number(text: str) -> int | float | None:
    if not text:
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text)
