"""Split an expression into lexemes with their positions: numbers, strings, names, operators, parentheses, commas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal

from invocations.errors import ExpressionError
from invocations.frozen import frozen
from invocations.language.source import Span

Kind = Literal["number", "string", "name", "operator", "end"]

MAX_LEXEMES: Final = 2_000
WORDS: Final = frozenset({"and", "or", "not", "in"})  # operators that are written as words
LEXEME: Final = re.compile(
    r"""
    (?P<space>   \s+ )
  | (?P<range>   [0-9]+ (?:\.[0-9]+)? \.\. [-.0-9]* )
  | (?P<number>  (?: [0-9]+ (?:\.[0-9]*)? | \.[0-9]+ ) (?: [eE][+-]?[0-9]+ )? )
  | (?P<string>  '[^']*' | "[^"]*" )
  | (?P<name>    [^\W\d]\w* (?: \.[^\W\d]\w* )* )
  | (?P<foreign> === | !== | => | =< | <> | && | \|\| | := | =(?!=) | !(?!=) | [&|^~?] )
  | (?P<operator> \*\* | // | == | != | <= | >= | [-+*/%<>(),] )
  | (?P<other>   . )
    """,
    re.VERBOSE | re.DOTALL,
)
TYPOGRAPHIC: Final = "\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb`"  # other quotation marks
STRAIGHT: Final = "strings are written in straight quotes: 'red' or \"red\""
SPELLINGS: Final = {
    "=": "`==`", "===": "`==`", ":=": "`==`", "!==": "`!=`", "<>": "`!=`", "=>": "`>=`", "=<": "`<=`",
    "&&": "`and`", "&": "`and`", "||": "`or`", "|": "`or`", "!": "`not`", "~": "`not`", "^": "`**` for a power",
    "?": "`and` or `or`",
}  # fmt: skip


@frozen
class Lexeme:
    """A part of an expression; the last one has the kind "end" and no text."""

    kind: Kind
    text: str
    span: Span


def scan(text: str) -> list[Lexeme]:
    """Return the lexemes of an expression. Raises: ExpressionError."""
    found = list(_lexemes(text))
    if len(found) > MAX_LEXEMES:
        message = f"the expression has more than {MAX_LEXEMES:,} words and symbols"
        raise ExpressionError(message, found[MAX_LEXEMES].span)
    return [*found, Lexeme("end", "", Span(len(text.rstrip()), len(text.rstrip())))]


def _lexemes(text: str) -> Iterator[Lexeme]:
    for match in LEXEME.finditer(text):
        kind, part, span = match.lastgroup, match.group(), Span(*match.span())
        if kind == "number":
            yield Lexeme("number", part, span)
        elif kind == "string":
            yield Lexeme("string", part, span)
        elif kind == "name":
            yield Lexeme("operator" if part in WORDS else "name", part, span)
        elif kind == "operator":
            yield Lexeme("operator", part, span)
        elif kind != "space":
            raise _refusal(part, span, text)


def _refusal(part: str, span: Span, text: str) -> ExpressionError:
    """Return the error for a part that no expression can contain."""
    if part in SPELLINGS:
        return ExpressionError(f"`{part}` is not an operator", span, f"write {SPELLINGS[part]}")
    if ".." in part:
        first, _, last = part.partition("..")
        hint = f"write both limits: `{first} <= NAME <= {last or '...'}`"
        return ExpressionError(f"`{part}` is a range, which an expression cannot contain", span, hint)
    if part in "'\"":
        return ExpressionError("the quote is never closed", Span(span.start, len(text)))
    return ExpressionError(f"unexpected `{part}`", span, STRAIGHT if part in TYPOGRAPHIC else "")
