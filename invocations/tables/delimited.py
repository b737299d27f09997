"""Read tables whose values are separated by commas, semicolons, tabs or another character (CSV, TSV)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from invocations.errors import TextFileError

from .table import MAX_COLUMNS, DataTable, too_many_rows

DELIMITERS: Final = (",", ";", "\t", "|")
SHOWN: Final = {"\t": "tab"}
SAMPLE: Final = 50  # how many rows are compared if the names of the columns contain several delimiters
SEPARATOR_LINE: Final = re.compile(r'"?sep=(.)"?\s*(?:\r\n|\r|\n)')  # some spreadsheet programs write this first
QUOTED: Final = re.compile(r'"(?:[^"]|"")*"')


def read_delimited(text: str, name: str, delimiter: str | None, limit: int) -> DataTable:
    """Return the table in a text, whose first row contains the column names. Raises: TextFileError."""
    start, before = 0, 0
    if stated := SEPARATOR_LINE.match(text):
        start, before = stated.end(), 1
        delimiter = delimiter or stated[1]
    delimiter = delimiter or _delimiter_of(text[start:], name)
    records = _records(text[start:], name, delimiter, before)
    place, header = next(records, ("line 1", []))
    columns = _columns([each.strip() for each in header], name, place)
    rows: list[dict[str, str]] = []
    places: list[str] = []
    for place, record in records:
        if len(record) != len(columns):
            raise _ragged(name, place, len(record), len(columns), delimiter)
        if len(rows) == limit:
            raise too_many_rows(name, limit)
        rows.append(dict(zip(columns, record, strict=True)))
        places.append(place)
    return DataTable(name, columns, rows, places, True)


def _records(text: str, name: str, delimiter: str, before: int) -> Iterator[tuple[str, list[str]]]:
    """Yield the place and the values of each row; rows without any value are left out.

    before: how many lines precede the text in its file
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=not delimiter.isspace()
    )
    while True:
        place = f"line {before + reader.line_num + 1}"
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _malformed(name, place, str(error), delimiter) from None
        if any(value.strip() for value in record):
            yield place, record


def _malformed(name: str, place: str, reason: str, delimiter: str) -> TextFileError:
    if "unexpected end" in reason:
        return TextFileError(name, "a quote is never closed", place=place)
    if "expected after" in reason:
        hint = f'write a quote inside a quoted value twice (""), and {_shown(delimiter)} after the closing quote'
        return TextFileError(name, "text follows a closing quote", hint, place=place)
    if "field limit" in reason:
        return TextFileError(name, f"a value is longer than {csv.field_size_limit():,} characters", place=place)
    return TextFileError(name, reason, place=place)


def _columns(names: Sequence[str], name: str, place: str) -> tuple[str, ...]:
    """Return the names of the columns. Raises: TextFileError, if one is missing or used twice."""
    if len(names) > MAX_COLUMNS:
        raise TextFileError(name, f"there are more than {MAX_COLUMNS:,} columns", place=place)
    for number, column in enumerate(names, 1):
        if not column:
            raise TextFileError(name, f"column {number} has no name", "name the column, or delete it", place=place)
        if (first := names.index(column) + 1) != number:
            message = f"columns {first} and {number} are both named `{column}`"
            raise TextFileError(name, message, "rename one of them", place=place)
    return tuple(names)


def _ragged(name: str, place: str, found: int, wanted: int, delimiter: str) -> TextFileError:
    columns = f"there are {wanted} columns" if wanted != 1 else "there is 1 column"
    values = f"{found} values" if found != 1 else "1 value"
    hint = f'put a value that contains {_shown(delimiter)} in double quotes: "..."' if found > wanted else ""
    return TextFileError(name, f"the row has {values}, but {columns}", hint, place=place)


def _delimiter_of(text: str, name: str) -> str:
    """Return the delimiter in the row of column names; if there are several, the one that fits all rows.

    Raises: TextFileError.
    """
    head = QUOTED.sub("", re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0])
    present = [each for each in DELIMITERS if each in head]
    if len(present) > 1:
        fitting = [each for each in present if _fits(text, each)]
        if len(fitting) != 1:
            shown = " and ".join(_shown(each) for each in present)
            hint = "state the delimiter, as in `--delimiter ';'`"
            raise TextFileError(name, f"the delimiter is unclear: there are {shown}", hint, place="line 1")
        return fitting[0]
    return present[0] if present else ","


def _fits(text: str, delimiter: str) -> bool:
    """Return True if all of the first rows have the same number of values with this delimiter."""
    try:
        widths = {len(record) for _, record in islice(_records(text, "", delimiter, 0), SAMPLE)}
    except TextFileError:
        return False
    return len(widths) == 1 and widths != {1}


def _shown(delimiter: str) -> str:
    return SHOWN.get(delimiter, f"`{delimiter}`")
