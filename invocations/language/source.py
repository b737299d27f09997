"""The text a line was read from, and places in it."""

from __future__ import annotations

from invocations.frozen import frozen


@frozen
class Span:
    """A stretch of a source's text: offsets in characters, the end exclusive."""

    start: int
    end: int


@frozen
class Source:
    """A text with the name of its file (None: a typed line) and the number of its first line in that file."""

    name: str | None
    text: str
    first_line: int = 1

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of an offset, both from 1."""
        before = self.text[: max(offset, 0)]
        return self.first_line + before.count("\n"), len(before) - before.rfind("\n")

    def line_at(self, offset: int) -> Span:
        """Return where the line that holds an offset lies, without its newline."""
        start = self.text.rfind("\n", 0, max(offset, 0)) + 1
        end = self.text.find("\n", start)
        return Span(start, len(self.text) if end < 0 else end)

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]
