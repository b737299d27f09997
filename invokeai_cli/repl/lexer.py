"""Syntax highlighting: the tokenizer finds the kind of each word, and the planner finds wrong words."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import groupby

from prompt_toolkit.application import get_app
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from invocations.language.each import EachText, read_each
from invocations.language.source import Source, Span
from invocations.language.tokens import SWEEP, Token, tokenize
from invocations.language.tree import Word
from invokeai_cli.directives.table import RESERVED

from .state import PromptState

STYLES = {
    "quoted": "class:string",
    "unclosed": "class:string",
    "reference": "class:reference",
    "bad_reference": "class:reference",
    "option": "class:option",
    "bad_option": "class:option",
    "equals": "class:option",
    "end_of_options": "class:option",
    "bar": "class:bar",
    "comment": "class:comment",
    "continuation": "class:comment",
}


class LineLexer(Lexer):
    """Highlights the typed text; which words are marked as wrong depends on the position of the cursor."""

    def __init__(self, state: PromptState) -> None:
        self.state = state

    def invalidation_hash(self) -> Hashable:
        """Return a key that changes when the colors may change although the text does not."""
        return self._wrong(get_app().current_buffer.document)

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Return a function that returns the styled pieces of a line."""
        lines = colored(document.text, self._wrong(document))
        return lambda number: lines[number] if number < len(lines) else []

    def _wrong(self, document: Document) -> tuple[Span, ...]:
        if self.state.searching:  # the text is a search, not a line
            return ()
        return tuple(error.span for error in self.state.wrong(document.text, document.cursor_position))


def colored(text: str, wrong: Iterable[Span]) -> list[StyleAndTextTuples]:
    """Return each line of the text as styled pieces."""
    looks = [("", 0)] * len(text)  # the style of each character, and the number of the piece it belongs to
    marks = []
    for token, style in styled(text):
        spans = list(_numbers(token)) if token.kind == "word" and not style else []
        marks += [(token.span.start, token.span.end, style), *((at.start, at.end, "class:number") for at in spans)]
    marks += [(span.start, min(max(span.end, span.start + 1), len(text)), "class:wrong") for span in wrong]
    for number, (start, end, style) in enumerate(marks, 1):
        looks[start:end] = [(style, number)] * (end - start)
    lines: list[StyleAndTextTuples] = []
    at = 0
    for line in text.split("\n"):
        pieces = groupby(zip(looks[at : at + len(line)], line, strict=True), key=lambda each: each[0])
        lines.append([(style, "".join(letter for _, letter in piece)) for (style, _), piece in pieces])
        at += len(line) + 1
    return lines


def styled(text: str) -> Iterator[tuple[Token, str]]:
    """Yield each token with its style: the first word of a stage is its command."""
    command_next = True
    first = True
    before = ""
    for token in _tokens(text):
        style = STYLES.get(token.kind, "")
        if token.kind == "word":
            if command_next:
                style = "class:directive" if first and token.value in RESERVED else "class:command"
            elif _is_number(token.value):
                style = "class:number"
        yield token, style
        if token.kind == "bar":
            command_next, first = True, False
        elif token.kind == "newline":
            command_next = command_next or before != "bar"
            first = before != "bar"
        elif token.kind not in ("comment", "continuation"):
            command_next = False
        if token.kind not in ("comment", "continuation"):
            before = token.kind


def _tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text; the words of a `sweep` are recognized also after a directive such as `explain`."""
    tokens = tokenize(Source(None, text))
    own = RESERVED.before_line([token.value for token in tokens[:2]])
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
