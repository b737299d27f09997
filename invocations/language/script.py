"""Many lines into statements: joins what is not finished, skips what says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .source import Source, Span
from .tokens import Token, scan

SILENT = ("comment", "newline")


@dataclass(frozen=True, slots=True)
class Statement:
    """One line of a script as the user means it; `source` holds only its own text and knows its first line's number.

    `span` runs from its first word to its last; `line` is the number of the line in the script where it begins.
    """

    source: Source
    span: Span
    line: int


def is_incomplete(text: str) -> bool:
    """Tell whether more must be typed: a quote is open, or the line ends in a backslash or a bar."""
    return bool(_Ending.of(text).open)


def split_script(source: Source) -> Iterator[Statement]:
    """Return the statements of a script, one after the other."""
    return split_lines(source.text.split("\n"), source.name, source.first_line)


def split_lines(lines: Iterable[str], name: str | None = None, first_line: int = 1) -> Iterator[Statement]:
    """Return each statement as soon as its last line is there; what the end of the lines leaves open comes last."""
    held: list[str] = []  # the lines of this statement so far
    tail: list[str] = []  # those since the last place where reading can begin anew
    state = _Ending()
    first = first_line
    for number, line in enumerate(lines, first_line):
        if not held:
            first = number
        held.append(line.removesuffix("\n").removesuffix("\r"))
        tail.append(held[-1])
        if state.quote and state.quote not in held[-1]:
            continue
        state = _Ending.of("\n".join(tail), state)
        if not state.quote:
            tail.clear()
        if not state.open:
            yield from _statement(held, name, first)
            held.clear()
            state = _Ending()
    yield from _statement(held, name, first)


def _statement(lines: list[str], name: str | None, first_line: int) -> Iterator[Statement]:
    source = Source(name, "\n".join(lines), first_line)
    tokens = [token for token in scan(source.text) if token.kind not in SILENT]
    if tokens:
        span = Span(tokens[0].span.start, tokens[-1].span.end)
        yield Statement(source, span, source.line_column(span.start)[0])


class _Ending:
    """How a text ends: what is left open (a quote, `|`, a backslash), and how the next line is to be read.

    `at_start` and `ended` hold at the place where reading begins anew: for an open quote, where they held before.
    """

    __slots__ = ("at_start", "ended", "open", "quote")

    def __init__(self, opened: str = "", at_start: bool = True, ended: bool = False) -> None:
        self.open = opened
        self.quote = opened if opened in ("'", '"') else ""
        self.at_start = at_start
        self.ended = ended

    @classmethod
    def of(cls, text: str, before: _Ending | None = None) -> _Ending:
        """Read on from an earlier ending."""
        before = before or cls()
        tokens = [t for t in scan(text, at_start=before.at_start, ended=before.ended) if t.kind not in SILENT]
        if not tokens:
            return before if before.open == "|" else cls()
        last = tokens[-1]
        if last.kind == "unclosed":
            return cls(last.text[0], before.at_start, before.ended)
        if last.kind == "bar":
            return cls("|")
        if last.kind == "continuation" and not last.text.endswith("\n"):
            at_start = before.at_start and all(token.kind == "continuation" for token in tokens)
            return cls("\\", at_start, _ends_options(tokens, before.ended))
        return cls()


def _ends_options(tokens: list[Token], ended: bool) -> bool:
    """Tell whether `--` has been said in the last stage."""
    for token in tokens:
        ended = token.kind == "end_of_options" or (ended and token.kind != "bar")
    return ended
