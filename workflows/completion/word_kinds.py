"""The kind of each piece of a line, for coloring: what the tokenizer finds, and commands, directives and numbers."""

from __future__ import annotations

from collections.abc import Iterator

from invocations.frozen import frozen
from invocations.language.each import EachText, read_each
from invocations.language.source import Source, Span
from invocations.language.tokens import SWEEP, Token, tokenize
from invocations.language.tree import Word
from workflows.reserved import ReservedWords

KINDS = (
    "command", "directive", "number", "word", "quoted", "unclosed", "reference", "bad_reference", "option",
    "bad_option", "equals", "end_of_options", "bar", "comment", "continuation", "newline",
)  # fmt: skip


@frozen
class Piece:
    """A piece of a line, and its kind, one of `KINDS`."""

    kind: str
    span: Span


def pieces(text: str, reserved: ReservedWords) -> Iterator[Piece]:
    """Yield the pieces of a text in order; pieces do not overlap, and there are none for spaces."""
    for token, kind in _kinds(text, reserved):
        at = token.span.start
        for inner in _numbers(token) if kind == "word" else ():
            if inner.start > at:
                yield Piece("word", Span(at, inner.start))
            yield Piece("number", inner)
            at = inner.end
        if at < token.span.end:
            yield Piece(kind, Span(at, token.span.end))


def _kinds(text: str, reserved: ReservedWords) -> Iterator[tuple[Token, str]]:
    """Yield each token with its kind: the first word of a stage is its command."""
    command_next = True
    first = True
    before = ""
    for token in _tokens(text, reserved):
        kind: str = token.kind
        if kind == "word":
            if command_next:
                kind = "directive" if first and token.value in reserved else "command"
            elif _is_number(token.value):
                kind = "number"
        yield token, kind
        if token.kind == "bar":
            command_next, first = True, False
        elif token.kind == "newline":
            command_next = command_next or before != "bar"
            first = before != "bar"
        elif token.kind not in ("comment", "continuation"):
            command_next = False
        if token.kind not in ("comment", "continuation"):
            before = token.kind


def _tokens(text: str, reserved: ReservedWords) -> tuple[Token, ...]:
    """Return the tokens of a text; the words of a `sweep` are recognized also after a directive such as `explain`."""
    tokens = tokenize(Source(None, text))
    own = reserved.before_line([token.value for token in tokens[:2]])
    if own and len(tokens) > own and tokens[own].text == SWEEP:
        start = tokens[own].span.start
        tokens = (*tokens[:own], *tokenize(Source(None, " " * start + text[start:])))
    return tokens


def _numbers(token: Token) -> Iterator[Span]:
    """Yield the place of each number and range in a word that stands for several values: `10,20` or `1..8,4x`."""
    word = Word(token.value, "", token.span)
    if word.may_be_each and (each := read_each(word)) is not None:
        yield from (item.span for item in each.items if not isinstance(item, EachText) or _is_number(item.text))


def _is_number(word: str) -> bool:
    return bool(word) and word[0] in "0123456789.-+" and word.lstrip("+-").replace(".", "", 1).isdigit()
