"""The errors in a line as data, the exception that carries all of them, and their rendering with carets.

Refusal            the exception of the parser and the planner: the source and every error of the line
  LanguageError    one of these errors: code, message, span, hint, notes
"""

from __future__ import annotations

from collections.abc import Iterable

from invocations.frozen import frozen

from .source import Source, Span

MAX_DRAWN = 20  # maximum number of errors shown for one line, about a screenful
INDENT = "  "
TAB = "    "
ELLIPSIS = "…"
WIDTH = 100  # columns for the quoted line; a longer line is cut to a window around the span
NARROWEST = 20
REACH = 400  # characters considered on each side of the span's start; more would not fit anyway
JOINERS = "\u200c\u200d"  # joiners that are part of Persian words and of emoji, shown unchanged

SYNTAX_CODES = {
    "unclosed_quote": "a quote is never closed",
    "missing_blank": "no space after a closing quote",
    "bad_option": "a word begins with two dashes but is not an option",
    "bad_reference": "a word begins with @ but is not a reference",
    "bad_name": "the word after `as` is not a valid name",
    "named_twice": "a stage has two names",
    "missing_name": "`as` at the end of a stage has no name after it",
    "empty_stage": "a `|` has no command before or after it",
    "not_a_command": "a stage starts with something that is not a command",
    "unfinished_line": "a line ends in a backslash, but nothing follows",
    "several_lines": "one line was expected, but there are more",
}


@frozen
class LanguageError:
    """One error: what is wrong, where, and what to do next."""

    code: str
    message: str
    span: Span
    hint: str | None = None
    notes: tuple[str, ...] = ()


class Refusal(Exception):
    """Raised when a line is refused; carries all errors of the line, in order of position."""

    def __init__(self, errors: Iterable[LanguageError], source: Source) -> None:
        self.errors = tuple(sorted(errors, key=lambda error: (error.span.start, error.span.end)))
        self.source = source
        super().__init__(self.errors, source)

    def __str__(self) -> str:
        drawn = [draw(error, self.source) for error in self.errors[:MAX_DRAWN]]
        if len(self.errors) > MAX_DRAWN:
            drawn.append(f"and {len(self.errors) - MAX_DRAWN} more errors")
        return "\n".join(drawn)


def draw(error: LanguageError, source: Source, *, width: int = WIDTH) -> str:
    """Return one error as text without a final newline; the quoted line fits in `width` columns."""
    place = ""
    if source.name is not None:
        line, column = source.line_column(error.span.start)
        place = f"{visible(source.name)}:{line}:{column}: "
    lines = [f"{place}error: {visible(error.message)}"]
    lines += quoted(error.span, source, width=width)
    lines += [INDENT + visible(text) for text in (error.hint, *error.notes) if text]
    return "\n".join(lines)


def quoted(span: Span, source: Source, *, width: int = WIDTH) -> list[str]:
    """Return the line in which a span begins, indented, and a line of carets below; [] if the line is blank."""
    return [INDENT + text for text in _line_and_caret(span, source, max(width, NARROWEST) - len(INDENT))]


def visible(text: str) -> str:
    """Escape every character that is invisible or would affect the layout."""
    return text if text.isascii() and text.isprintable() else "".join(_shown(char)[0] for char in text)


def _line_and_caret(span: Span, source: Source, room: int) -> list[str]:
    """Return the line in which the span begins and a line of carets below; return nothing if the line is blank."""
    at = min(max(span.start, 0), len(source.text))
    line = source.line_at(at)
    begin = max(line.start, at - REACH)
    text = source.text[begin : min(line.end, at + REACH)].rstrip()
    if not text:
        return []
    start = min(at - begin, len(text))
    end = max(min(span.end - begin, len(text)), start)
    cells = [_shown(char) for char in text]
    first, last = window([width for _, width in cells], start, end, room)
    head = ELLIPSIS if begin + first > line.start else ""
    tail = ELLIPSIS if last < len(cells) or at + REACH < line.end else ""
    shown = head + "".join(piece for piece, _ in cells[first:last]) + tail
    before = len(head) + sum(width for _, width in cells[first:start])
    under = sum(width for _, width in cells[start : min(end, last)])
    return [shown, " " * before + "^" * max(under, 1)]


def window(widths: list[int], start: int, end: int, room: int) -> tuple[int, int]:
    """Return the range of characters to show, so that the line fits and as much of the span as possible is visible."""
    if sum(widths) <= room:
        return 0, len(widths)
    first = last = start
    room -= 2 * len(ELLIPSIS)
    while last < min(end, len(widths)) and room >= widths[last]:
        room -= widths[last]
        last += 1
    before = room // 2
    while first > 0 and before >= widths[first - 1]:
        before -= widths[first - 1]
        room -= widths[first - 1]
        first -= 1
    while last < len(widths) and room >= widths[last]:
        room -= widths[last]
        last += 1
    while first > 0 and room >= widths[first - 1]:
        room -= widths[first - 1]
        first -= 1
    return first, last


def _shown(char: str) -> tuple[str, int]:
    """Return a character as it is shown, and its width in columns."""
    if char.isascii():
        if char.isprintable():
            return char, 1
        if char == "\t":
            return TAB, len(TAB)
    import unicodedata  # imported late: loads a shared library that few lines need

    category = unicodedata.category(char)
    if char in JOINERS or category in ("Mn", "Me"):
        return char, 0
    if category[0] in "CZ" and char not in " \u3000\xa0":
        escape = _escape(char)
        return escape, len(escape)
    return char, 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _escape(char: str) -> str:
    """Return an escape such as `\\x1b`; an undecodable byte, which is a surrogate, is shown as a byte: `\\xe9`."""
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
