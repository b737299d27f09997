"""Split text into tokens. Any text is accepted, so highlighting and completion work on unfinished lines too."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from invocations.frozen import frozen

from .source import Source, Span

Kind = Literal[
    "word",  # an unquoted value
    "quoted",  # a quoted value
    "unclosed",  # a quoted value whose closing quote is missing; runs to the end of the text
    "reference",  # @fox.image, @fox*
    "bad_reference",  # begins with @ but is not a reference
    "option",  # --name or -n, without its value; or the name in the name=value of a sweep
    "bad_option",  # begins with -- but is not an option
    "equals",  # the = between an option and its attached value
    "end_of_options",  # --
    "bar",
    "comment",
    "continuation",  # a backslash at the end of a line, with the newline
    "newline",
]

BYTE_ORDER_MARK = "\ufeff"
DIGITS = frozenset("0123456789")
EACH = "*"  # at the end of a reference: each item of a list
SWEEP = "sweep"  # the command whose words are declarations: name=value
AS = "as"  # the keyword before the name of a stage
LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "t": "\t", "$": "$"}
CACHED_TEXTS = 16  # number of recent texts to cache, because several parts of the program read the same line
LONGEST_NUMBER = 9  # maximum number of digits in a reference: more than a session needs, but few enough for `int`


@frozen
class Token:
    """A piece of the text, and its value: the text without quotes and escapes, or an option's name without dashes.

    literals: the position in the value of each `$` that was written as `\\$`, and therefore begins no variable
    """

    kind: Kind
    text: str
    value: str
    span: Span
    literals: tuple[int, ...] = ()


def tokenize(source: Source) -> tuple[Token, ...]:
    """Return all tokens in a text, including invalid ones; spaces are left out."""
    return scan(source.text)


def scan(text: str, *, at_start: bool = True, ended: bool = False, declares: bool | None = None) -> tuple[Token, ...]:
    """Return the tokens in part of a text.

    at_start: the part starts a line. ended: `--` precedes the part
    declares: the command before the part is `sweep`; None if the part begins with a command
    """
    return _scan(text, at_start, ended, declares)


@lru_cache(maxsize=CACHED_TEXTS)
def _scan(text: str, at_start: bool, ended: bool, declares: bool | None) -> tuple[Token, ...]:
    return tuple(_Scanner(text, at_start, ended, declares).scan())


def is_space(char: str) -> bool:
    """Return True if a character separates words: any Unicode whitespace or a byte order mark."""
    return char.isspace() or char == BYTE_ORDER_MARK


def is_name(text: str) -> bool:
    """Return True if a string is a valid name for a stage, an option or an output."""
    first = text[:1]
    return (first in LETTERS or first == "_") and all(c.isalnum() or c in "_-" for c in text[1:])


def is_option(text: str) -> bool:
    """Return True if a string is a valid name of an option: `steps` or, for a stage of a recipe, `t2i.steps`."""
    first, *rest = text.split(".")
    return is_name(first) and all(is_name(part) or DIGITS.issuperset(part or "-") for part in rest)


def split_reference(text: str) -> tuple[str | int, str | None, bool] | None:
    """Return the name and output of `@name.output` and whether a `*` follows; None if the text is not a reference."""
    each = text.endswith(EACH)
    name, dot, output = text[1 : len(text) - each].partition(".")
    if dot and not is_name(output):
        return None
    digits = name.removeprefix("-")
    if digits and DIGITS.issuperset(digits):
        return (int(name), output or None, each) if len(digits) <= LONGEST_NUMBER else None
    return (name, output or None, each) if is_name(name) else None


class _Scanner:
    """Scans a text once.

    at_start: this line contains only spaces so far
    ended: a `--` has ended the options
    declares: the command of this stage is `sweep`; None if there is no command yet
    """

    def __init__(self, text: str, at_start: bool, ended: bool, declares: bool | None) -> None:
        self.text = text
        self.at_start = at_start
        self.ended = ended
        self.declares = declares
        self.position = 0
        self.tokens: list[Token] = []

    def scan(self) -> list[Token]:
        while self.position < len(self.text):
            char = self.text[self.position]
            if char == "\n":
                self.add("newline", self.position + 1)
                self.at_start, self.ended, self.declares = True, False, None
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
            self.ended, self.declares = False, None
            return
        if char == "-" and not self.ended:
            self.dashes()
        elif self.ended or not self.declares or not self.declaration():
            self.value()
        if self.declares is None:
            self.declares = self.tokens[-1].text == SWEEP

    def declaration(self) -> bool:
        """Read `name=value` and return True, or return False if the word has another form."""
        name, equals, value = self.text[self.position : self.bare_end(self.position)].partition("=")
        if not equals or value.startswith("=") or not is_option(name):  # `seed==1` is an expression
            return False
        self.add("option", self.position + len(name), name)
        self.glued_value(equals=True)
        return True

    def add(self, kind: Kind, end: int, value: str | None = None, literals: tuple[int, ...] = ()) -> None:
        text = self.text[self.position : end]
        self.tokens.append(Token(kind, text, text if value is None else value, Span(self.position, end), literals))
        self.position = end

    def dashes(self) -> None:
        """Read `--name` or `-n`, with `=` and a value if attached; or `--`; or a word such as `-5` or `-`."""
        end = self.bare_end(self.position)
        written = self.text[self.position : end]
        if written == "--":
            self.ended = True
            self.add("end_of_options", end)
        elif written.startswith("--"):
            name, equals, _ = written[2:].partition("=")
            if is_option(name):
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
        literals: list[int] = []
        at = self.position + 1
        while at < len(self.text):
            char = self.text[at]
            if char == quote:
                self.add("quoted", at + 1, "".join(parts), tuple(literals))
                return
            if char == "\\" and quote == '"' and self.text[at + 1 : at + 2] in ESCAPES:
                char = ESCAPES[self.text[at + 1]]
                literals += [len(parts)] if char == "$" else []
                at += 1
            parts.append(char)
            at += 1
        self.add("unclosed", len(self.text), "".join(parts), tuple(literals))

    def bare_end(self, start: int) -> int:
        """Return the end of an unquoted word: at a space, a `|`, or a backslash that continues the line."""
        text, at, length = self.text, start, len(self.text)
        while at < length:  # inlined because it runs for every character
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
        """Return the start of the next line if the backslash at this position ends a line, otherwise 0."""
        at += 1
        while at < len(self.text) and self.text[at] != "\n" and is_space(self.text[at]):
            at += 1
        if at >= len(self.text):
            return at
        return at + 1 if self.text[at] == "\n" else 0

    def opens_comment(self) -> bool:
        """Return True if the `#` here begins a comment: at the start of a line, or between spaces or `|`."""
        before = self.text[self.position - 1 : self.position]
        return self.at_start or (
            (not before or before == "|" or is_space(before)) and self.at_boundary(self.position + 1)
        )
