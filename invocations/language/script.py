"""Split scripts into statements, joining continued lines and skipping comments; split directives into words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from invocations.frozen import frozen

from .source import Source, Span
from .tokens import SWEEP, Token, scan, tokenize

SILENT = ("comment", "continuation", "newline")  # kinds of tokens that are not words
SEPARATORS = ("comment", "newline")


@frozen
class Statement:
    """One logical line of a script; `source` holds only its text and the number of its first line.

    `span` covers its first to its last word; `line` is the number of the line in which it begins.
    """

    source: Source
    span: Span
    line: int


def is_incomplete(text: str) -> bool:
    """Return True if the text is incomplete: a quote is open, or the line ends in a backslash or a `|`."""
    return bool(_Ending.of(text).open)


def split_script(source: Source) -> Iterator[Statement]:
    """Yield the statements of a script."""
    return split_lines(source.text.split("\n"), source.name, source.first_line)


def split_lines(lines: Iterable[str], name: str | None = None, first_line: int = 1) -> Iterator[Statement]:
    """Yield each statement as soon as its last line is read; an unfinished statement comes last."""
    held: list[str] = []  # the lines of the current statement so far
    tail: list[str] = []  # the part of `lines` after the last place where scanning can restart
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


def words_of(source: Source, fill: Callable[[str], str] | None = None) -> list[str]:
    """Return a directive's words: values without quotes, options as written; `fill` substitutes variables."""
    return [text for text, _ in located_words(source, fill)]


def located_words(source: Source, fill: Callable[[str], str] | None = None) -> list[tuple[str, Span]]:
    """Return the words of a directive with their spans."""
    words: list[tuple[str, Span]] = []
    end = -1
    for token in tokenize(source):
        if token.kind in SILENT:
            continue
        text = _text(token)
        if fill is not None and not token.text.startswith("'"):
            text = "$".join(fill(part) for part in _segments(text, token.literals))
        if token.span.start == end and token.kind != "bar":
            before, span = words[-1]
            words[-1] = before + text, Span(span.start, token.span.end)
        else:
            words.append((text, token.span))
        end = token.span.end
    return words


def _segments(text: str, literals: tuple[int, ...]) -> list[str]:
    if not literals:
        return [text]
    from .variables import segments  # imported late because few lines contain an escaped `$`

    return segments(text, literals)


def is_silent(source: Source) -> bool:
    """Return True if a line is blank or a comment."""
    words = words_of(source)
    return not any(words) or (len(words) == 1 and words[0].startswith("#"))


def _text(token: Token) -> str:
    return token.value if token.kind in ("quoted", "unclosed") else token.text


def _statement(lines: list[str], name: str | None, first_line: int) -> Iterator[Statement]:
    source = Source(name, "\n".join(lines), first_line)
    tokens = [token for token in scan(source.text) if token.kind not in SEPARATORS]
    if tokens:
        span = Span(tokens[0].span.start, tokens[-1].span.end)
        yield Statement(source, span, source.line_column(span.start)[0])


class _Ending:
    """The state at the end of a text: what is still open (a quote, `|`, a backslash), and how to scan the next line.

    `at_start`, `ended` and `declares` describe the place where scanning restarts, which is before an open quote.
    """

    __slots__ = ("at_start", "declares", "ended", "open", "quote")

    def __init__(
        self, opened: str = "", at_start: bool = True, ended: bool = False, declares: bool | None = None
    ) -> None:
        self.open = opened
        self.quote = opened if opened in ("'", '"') else ""
        self.at_start = at_start
        self.ended = ended
        self.declares = declares

    @classmethod
    def of(cls, text: str, before: _Ending | None = None) -> _Ending:
        """Scan a text and return the state at its end; `before` is the state at the end of the preceding text."""
        before = before or cls()
        found = scan(text, at_start=before.at_start, ended=before.ended, declares=before.declares)
        tokens = [token for token in found if token.kind not in SEPARATORS]
        if not tokens:
            return before if before.open == "|" else cls()
        last = tokens[-1]
        if last.kind == "unclosed":
            return cls(last.text[0], before.at_start, before.ended, before.declares)
        if last.kind == "bar":
            return cls("|")
        if last.kind == "continuation" and not last.text.endswith("\n"):
            at_start = before.at_start and all(token.kind == "continuation" for token in tokens)
            return cls("\\", at_start, _ends_options(tokens, before.ended), _ends_sweep(tokens, before.declares))
        return cls()


def _ends_options(tokens: list[Token], ended: bool) -> bool:
    """Return True if the last stage contains `--`, which ends its options."""
    for token in tokens:
        ended = token.kind == "end_of_options" or (ended and token.kind != "bar")
    return ended


def _ends_sweep(tokens: list[Token], declares: bool | None) -> bool | None:
    """Return True if the command of the last stage is `sweep`, None if the last stage has no command yet."""
    for token in tokens:
        if token.kind == "bar":
            declares = None
        elif declares is None and token.kind != "continuation":
            declares = token.text == SWEEP
    return declares
