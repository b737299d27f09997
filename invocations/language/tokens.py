"""Text into tokens: total, so that the highlighter and the completer read a half-written line by the same rules."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from invocations.frozen import frozen

from .source import Source, Span

Kind = Literal[
    "word",  # a bare value
    "quoted",  # a quoted value
    "unclosed",  # a quoted value whose closing quote is missing; runs to the end of the text
    "reference",  # @fox.image
    "bad_reference",  # begins with @ and is no reference
    "option",  # --name or -n, without its value
    "bad_option",  # begins with -- and is no option
    "equals",  # the = between an option and its glued value
    "end_of_options",  # --
    "bar",
    "comment",
    "continuation",  # a backslash at the end of a line, with the newline
    "newline",
]

BYTE_ORDER_MARK = "\ufeff"
DIGITS = frozenset("0123456789")
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t"}
CACHED_TEXTS = 16  # a line is read by its splitter, directives, parser and colors in turn, and scanned once
LONGEST_NUMBER = 9  # digits of a reference: far beyond any session, far below int()'s own limit


@frozen
class Token:
    """A piece of the text as written, and its value: decoded for a value, without dashes for an option."""

    kind: Kind
    text: str
    value: str
    span: Span


def tokenize(source: Source) -> tuple[Token, ...]:
    """Return all tokens of a text, errors among them; blanks lie between the spans."""
    return scan(source.text)


def scan(text: str, *, at_start: bool = True, ended: bool = False) -> tuple[Token, ...]:
    """Return the tokens of a text that may go on from another one, after a continued line or after `--`."""
    return _scan(text, at_start, ended)


@lru_cache(maxsize=CACHED_TEXTS)
def _scan(text: str, at_start: bool, ended: bool) -> tuple[Token, ...]:
    return tuple(_Scanner(text, at_start, ended).scan())


def is_space(char: str) -> bool:
    """Tell whether a character separates words: white space of any script, and a stray byte order mark."""
    return char.isspace() or char == BYTE_ORDER_MARK


def is_name(text: str) -> bool:
    """Tell whether a text can name a stage, an option or an output."""
    first = text[:1]
    return (first in LETTERS or first == "_") and all(c.isalnum() or c in "_-" for c in text[1:])


def split_reference(text: str) -> tuple[str | int, str | None] | None:
    """Return the name and the output of `@name.output`, or None where the text is no reference."""
    name, dot, output = text[1:].partition(".")
    if dot and not is_name(output):
        return None
    digits = name.removeprefix("-")
    if digits and DIGITS.issuperset(digits):
        return (int(name), output or None) if len(digits) <= LONGEST_NUMBER else None
    return (name, output or None) if is_name(name) else None


class _Scanner:
    """One walk over a text; `at_start`: nothing but blanks so far on this line, `ended`: after `--`."""

    def __init__(self, text: str, at_start: bool, ended: bool) -> None:
        self.text = text
        self.at_start = at_start
        self.ended = ended
        self.position = 0
        self.tokens: list[Token] = []

    def scan(self) -> list[Token]:
        while self.position < len(self.text):
            char = self.text[self.position]
            if char == "\n":
                self.add("newline", self.position + 1)
                self.at_start, self.ended = True, False
            elif is_space(char):
                self.position += 1
            elif char == "\\" and (end := self.continuation(self.position)):
                self.add("continuation", end)
            elif char == "#" and self.opens_comment():
                end = self.text.find("\n", self.position)
                self.add("comment", len(self.text) if end < 0 else end)
            else:
                self.at_start = False
                self.bar_or_argument(char)
        return self.tokens

    def bar_or_argument(self, char: str) -> None:
        if char == "|":
            self.add("bar", self.position + 1)
            self.ended = False
        elif char == "-" and not self.ended:
            self.dashes()
        else:
            self.value()

    def add(self, kind: Kind, end: int, value: str | None = None) -> None:
        text = self.text[self.position : end]
        self.tokens.append(Token(kind, text, text if value is None else value, Span(self.position, end)))
        self.position = end

    def dashes(self) -> None:
        """Read `--name`, `-n`, the `=` and the value glued to them, `--`, or a word such as `-5` and `-`."""
        end = self.bare_end(self.position)
        written = self.text[self.position : end]
        if written == "--":
            self.ended = True
            self.add("end_of_options", end)
        elif written.startswith("--"):
            name, equals, _ = written[2:].partition("=")
            if is_name(name):
                self.add("option", self.position + 2 + len(name), name)
                self.glued_value(bool(equals))
            else:
                self.add("bad_option", end)
        elif written[1:2] in LETTERS:
            self.add("option", self.position + 2, written[1])
            if len(written) > 2:
                self.glued_value(written[2] == "=")
        else:
            self.add("word", end)

    def glued_value(self, equals: bool) -> None:
        if equals:
            self.add("equals", self.position + 1)
        if not self.at_boundary(self.position):
            self.value()

    def value(self) -> None:
        char = self.text[self.position]
        if char in "'\"":
            self.quoted(char)
            return
        end = self.bare_end(self.position)
        if char != "@":
            self.add("word", end)
        else:
            known = split_reference(self.text[self.position : end])
            self.add("reference" if known else "bad_reference", end)

    def quoted(self, quote: str) -> None:
        parts: list[str] = []
        at = self.position + 1
        while at < len(self.text):
            char = self.text[at]
            if char == quote:
                self.add("quoted", at + 1, "".join(parts))
                return
            if char == "\\" and quote == '"' and self.text[at + 1 : at + 2] in ESCAPES:
                char = ESCAPES[self.text[at + 1]]
                at += 1
            parts.append(char)
            at += 1
        self.add("unclosed", len(self.text), "".join(parts))

    def bare_end(self, start: int) -> int:
        """Return where a bare word ends: at a space, at a bar, at the backslash that continues the line."""
        text, at, length = self.text, start, len(self.text)
        while at < length:  # spelled out: runs for every character
            char = text[at]
            if char == "|" or char.isspace() or char == BYTE_ORDER_MARK:
                return at
            if char == "\\" and self.continuation(at):
                return at
            at += 1
        return at

    def at_boundary(self, at: int) -> bool:
        if at >= len(self.text):
            return True
        char = self.text[at]
        return char == "|" or is_space(char) or (char == "\\" and self.continuation(at) > 0)

    def continuation(self, at: int) -> int:
        """Return where the next line begins if the backslash here is the last of its line, else 0."""
        at += 1
        while at < len(self.text) and self.text[at] != "\n" and is_space(self.text[at]):
            at += 1
        if at >= len(self.text):
            return at
        return at + 1 if self.text[at] == "\n" else 0

    def opens_comment(self) -> bool:
        """Tell whether the `#` here begins its line or stands alone; a bar on either side leaves it alone too."""
        before = self.text[self.position - 1 : self.position]
        return self.at_start or (
            (not before or before == "|" or is_space(before)) and self.at_boundary(self.position + 1)
        )
