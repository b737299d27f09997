"""Read a table; the suffix of the file name determines the format."""

from __future__ import annotations

import os
from pathlib import PurePath

from invocations.errors import TextFileError

from .table import MAX_ROWS, DataTable, too_many_rows
from .text_file import decoded


def read_table(path: str | os.PathLike[str], *, delimiter: str | None = None, limit: int = MAX_ROWS) -> DataTable:
    """Read a table from a file. Raises: OSError, ForeignData, TextFileError."""
    from invocations.foreign import read_bytes  # imported late: nodes and planning use `table_of`

    return table_of(read_bytes(path), os.fspath(path), delimiter=delimiter, limit=limit)


def table_of(data: bytes, name: str, *, delimiter: str | None = None, limit: int = MAX_ROWS) -> DataTable:
    """Return the table in the bytes of a file; the suffix of its name determines the format.

    name: the file's name, also for messages; `.jsonl`, `.ndjson` and `.json` are JSON, `.tsv` and `.tab` are separated
    by tabs, and all other files by their delimiter
    delimiter: one character, or None to detect it from the line with the column names
    limit: the maximum number of rows
    Raises: TextFileError.
    """
    suffix, text = PurePath(name).suffix.lower(), decoded(data, name)
    if not text.strip():
        raise TextFileError(name, "is empty")
    if suffix in (".json", ".jsonl", ".ndjson"):
        from .json_rows import read_json, read_json_lines  # imported late: a file needs only one of the readers

        table = read_json(text, name) if suffix == ".json" else read_json_lines(text, name, limit)
    else:
        from .delimited import read_delimited

        table = read_delimited(text, name, "\t" if suffix in (".tsv", ".tab") else delimiter, limit)
    if not table.rows:
        raise TextFileError(name, "has no rows")
    if len(table.rows) > limit:
        raise too_many_rows(name, limit)
    return table
