"""The source text of a line, and positions in it."""

from __future__ import annotations

from invocations.frozen import frozen


@frozen
class Span:
    """A range of a source's text, in characters, with an exclusive end."""

    start: int
    end: int


@frozen
class Source:
    """Source text, the name of its file (None for a typed line), and the number of its first line in that file."""

    name: str | None
    text: str
    first_line: int = 1

    def line_column(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both counted from 1."""
        before = self.text[: max(offset, 0)]
        return self.first_line + before.count("\n"), len(before) - before.rfind("\n")

    def line_at(self, offset: int) -> Span:
        """Return the span of the line at an offset, without its newline."""
        start = self.text.rfind("\n", 0, max(offset, 0)) + 1
        end = self.text.find("\n", start)
        return Span(start, len(self.text) if end < 0 else end)

    def slice(self, span: Span) -> str:
        """Return the text of a span."""
        return self.text[span.start : span.end]
