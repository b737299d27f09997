"""Syntax highlighting: each kind of word has a color, and words that the planner finds wrong are marked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import groupby

from prompt_toolkit.application import get_app
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from invocations.language.source import Span
from invokeai_cli.directives.table import RESERVED
from workflows.completion.word_kinds import pieces

from .state import PromptState

STYLES = {
    "command": "class:command",
    "directive": "class:directive",
    "number": "class:number",
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
    marks = [(each.span.start, each.span.end, STYLES.get(each.kind, "")) for each in pieces(text, RESERVED)]
    marks += [(span.start, min(max(span.end, span.start + 1), len(text)), "class:wrong") for span in wrong]
    for number, (start, end, style) in enumerate(marks, 1):
        looks[start:end] = [(style, number)] * (end - start)
    lines: list[StyleAndTextTuples] = []
    at = 0
    for line in text.split("\n"):
        alike = groupby(zip(looks[at : at + len(line)], line, strict=True), key=lambda each: each[0])
        lines.append([(style, "".join(letter for _, letter in piece)) for (style, _), piece in alike])
        at += len(line) + 1
    return lines
