"""Load text files: lists of lines, and tables."""

from __future__ import annotations

from typing import Any

from invocations.errors import BadValue
from invocations.fields import input_field, output_field
from invocations.invocation import Invocation, InvocationContext, Output, invocation
from invocations.language.did_you_mean import did_you_mean
from invocations.tables.read import table_of
from invocations.tables.table import MAX_ROWS, DataTable, with_numbers
from invocations.tables.text_file import decoded, kept_lines

TAB = ("tab", "\\t")


class LinesOutput(Output):
    """The output of `load-lines`."""

    collection: list[str] = output_field(primary=True, description="the lines, in order")


class TableOutput(Output):
    """The output of `load-table`."""

    collection: list[dict[str, Any]] = output_field(
        primary=True, description="the rows, in order; each is a JSON object with the values by column"
    )
    column: list[Any] = output_field(description="the values of the first column, in order")


@invocation(
    "load-lines",
    title="Load lines",
    category="files",
    tags=("text", "prompts", "read", "list"),
    examples=("load-lines prompts.txt | join ' | '", "load-lines prompts.txt --skip 1 --limit 2"),
)
class LoadLines(Invocation):
    """Load the lines of a text file, such as a list of prompts, one per line.

    Empty lines and comments are left out, and so are spaces around a line. The file is UTF-8, or UTF-16 with a byte
    order mark.
    """

    source: str = input_field(position=1, completes="text_file", description="path, or `-` (standard input)")
    skip: int = input_field(default=0, ge=0, description="number of lines to leave out at the start")
    limit: int | None = input_field(default=None, ge=1, le=MAX_ROWS, description="largest number of lines to return")
    comment: str = input_field(default="#", description="lines that begin with this are comments; '' for none")

    def invoke(self, context: InvocationContext) -> LinesOutput:
        text = decoded(context.files.read(self.source), self.source)
        lines = kept_lines(text, comment=self.comment)
        if not lines[self.skip :]:
            found = "no lines" if not lines else f"only {len(lines)} line{'s' if len(lines) > 1 else ''}"
            raise BadValue("skip" if lines else "source", f"`{self.source}` has {found}")
        if self.limit is None and len(lines) - self.skip > MAX_ROWS:
            message = f"`{self.source}` has more than {MAX_ROWS:,} lines"
            raise BadValue("source", message, "load part of the file with `--limit` and `--skip`")
        return LinesOutput(collection=lines[self.skip :][: self.limit])


@invocation(
    "load-table",
    title="Load table",
    category="files",
    tags=("csv", "tsv", "json", "rows", "read"),
    examples=("load-table jobs.csv", "load-table jobs.csv --columns prompt"),
)
class LoadTable(Invocation):
    """Load the rows of a table from a CSV, TSV, JSON Lines or JSON file.

    The first row of a CSV or TSV file contains the column names. A column with only numbers is loaded as numbers, and
    an empty value in it as null; all other columns are loaded as strings. A JSON file is a list of objects, and a JSON
    Lines file has one object per line.
    """

    source: str = input_field(position=1, completes="text_file", description="path, or `-` (standard input, as CSV)")
    delimiter: str = input_field(
        default="", description="character between the values, or `tab` (default: from the first row)"
    )
    columns: list[str] = input_field(default=[], description="columns to load, in this order (default: all)")

    def invoke(self, context: InvocationContext) -> TableOutput:
        data = context.files.read(self.source)
        table = with_numbers(table_of(data, self.source, delimiter=self._delimiter()))
        columns = self.columns or table.columns
        self._check(table)
        rows = [{name: row[name] for name in columns if name in row} for row in table.rows]
        return TableOutput(collection=rows, column=[row.get(columns[0]) for row in table.rows])

    def _delimiter(self) -> str | None:
        delimiter = "\t" if self.delimiter in TAB else self.delimiter
        if len(delimiter) > 1 or delimiter in ('"', "\n", "\r"):
            message = f"the delimiter must be one character or `tab`, not `{self.delimiter}`"
            raise BadValue("delimiter", message)
        return delimiter or None

    def _check(self, table: DataTable) -> None:
        for name in self.columns:
            if name not in table.columns:
                known = "the columns are " + ", ".join(f"`{each}`" for each in table.columns[:20])
                message = f"`{self.source}` has no column `{name}`"
                raise BadValue("columns", message, did_you_mean(name, table.columns, known) or "")
