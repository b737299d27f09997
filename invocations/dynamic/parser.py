r"""Parse a template: `{a|b}`, `{2$$ and $$a|b}`, `{3::a|b}`, `__name__`, `${name}`, `# comment`, `\{`.

Every character is read a limited number of times, and groups may be nested to a limited depth.
"""

from __future__ import annotations

import re
from typing import Final, cast

from .errors import CHARACTER, DynamicError
from .parts import (
    DEFAULT_SEPARATOR,
    EVERY,
    Access,
    Alternative,
    Assignment,
    Literally,
    Part,
    Phrase,
    Sampler,
    Variants,
    Wildcard,
    Wrap,
)

MAX_CHARACTERS: Final = 100_000
MAX_DEPTH: Final = 32  # how many braces may be open at the same time

_SYMBOL: Final = re.compile(r"\\(?:[$%]?\{|[}|$#_%])|[$%]?\{|\}|\||\$\$|__|(?<!\S)#(?!\S)")
_COMMENT: Final = re.compile(r"[^\n]*")
_SPACE: Final = re.compile(r"\s*")
_BOUNDS: Final = re.compile(
    r"\s*+(?P<sampler>[~!@]?)(?:(?P<low>\d{0,4})(?P<to>-?)(?P<high>\d{0,4})\$\$(?:(?P<separator>[^${}]++)\$\$)?)?+"
)
_WEIGHT: Final = re.compile(r"\s*+(?:(?P<weight>\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})::)?+\s*+")
_VARIABLE: Final = re.compile(r"\s*(?P<name>[A-Za-z_-][\w-]{0,100})\s*(?P<sign>\}|:|\??=!?)\s*")
_WILDCARD: Final = re.compile(
    r"__(?P<sampler>[~!@]?)(?P<path>(?:\$?\{[^{}]{0,200}\}|(?!__)[^${}()#|\n]){1,200}+)"
    r"(?:\((?P<variables>[^()\n]{1,1000})\))?__"
)
_SAID: Final = {"{": "a group", "${": "a variable", "%{": "a wrap"}


def parse_phrase(text: str) -> Phrase:
    """Parse a template. Raises: DynamicError."""
    if len(text) > MAX_CHARACTERS:
        raise DynamicError(f"a template can have at most {MAX_CHARACTERS:,} characters")
    return _Parser(text).phrase(ends=())


def is_plain(text: str) -> bool:
    """Whether a string contains no symbol that could begin a group, a wildcard, a variable or a comment."""
    return _SYMBOL.search(text) is None


class _Parser:
    """A recursive descent parser for one template; `at` is the index of the next character.

    first: the position of the text in the template, for parts that are parsed on their own
    depth: how many braces are open around the text
    """

    def __init__(self, text: str, *, first: int = 0, depth: int = 0) -> None:
        self.text = text
        self.first = first
        self.depth = depth
        self.at = 0
        self.open: list[tuple[str, int]] = []  # the brackets that are open, each with its position

    def phrase(self, ends: tuple[str, ...]) -> Phrase:
        """Read parts up to the first of the given symbols, which is not read, or up to the end of the template."""
        parts: list[Part] = []
        plain: list[str] = []
        while match := _SYMBOL.search(self.text, self.at):
            plain.append(self.text[self.at : match.start()])
            self.at = match.start()
            if match[0] in ends:
                break
            part = self._part(match[0])
            if isinstance(part, str):
                plain.append(part)
                continue
            _add_plain(parts, plain)
            parts.append(part)
        else:
            plain.append(self.text[self.at :])
            self.at = len(self.text)
        _add_plain(parts, plain)
        return Phrase(tuple(parts))

    def _part(self, symbol: str) -> Part | str:
        """Read the part of the template that a symbol begins; return a symbol that begins no part as text."""
        if symbol in ("{", "${", "%{"):
            return self._bracket(symbol)
        if symbol == "__" and (match := _WILDCARD.match(self.text, self.at)):
            return self._wildcard(match)
        self.at += len(symbol)
        if symbol == "#":
            self._skip(_COMMENT)
            return ""
        return symbol[1:] if symbol[0] == "\\" else symbol

    def _bracket(self, symbol: str) -> Part:
        if self.depth + len(self.open) == MAX_DEPTH:
            raise self._error(f"braces can be nested at most {MAX_DEPTH} deep", self.at, self.at + 1)
        self.open.append((symbol, self.at))
        self.at += len(symbol)
        part = self._variable() if symbol == "${" else self._wrap() if symbol == "%{" else self._group()
        self.open.pop()
        return part

    def _group(self) -> Variants:
        start = self.at
        bounds = self._skip(_BOUNDS)
        alternatives = [self._alternative()]
        while self._take() == "|":
            alternatives.append(self._alternative())
        if self.text.startswith("$$", self.at - 2):
            raise self._error("before `$$`, write how many alternatives to choose", start - 1, self.at)
        low, high = _range(bounds)
        separator = bounds["separator"] or DEFAULT_SEPARATOR
        return Variants(tuple(alternatives), low, high, separator, cast(Sampler, bounds["sampler"]))

    def _alternative(self) -> Alternative:
        weight = self._skip(_WEIGHT)["weight"]
        return Alternative(self.phrase(ends=("|", "}", "$$")), float(weight) if weight else 1.0)

    def _variable(self) -> Access | Assignment:
        start = self.at - 2
        match = _VARIABLE.match(self.text, self.at)
        if match is None:
            raise self._error("`${` does not begin a variable", start, self.at)
        self.at = match.end()
        sign = match["sign"]
        if sign == "}":
            self.at = match.end("sign")
            return Access(match["name"], None, self.first + start, self.first + self.at)
        value = self.phrase(ends=("}",))
        self._take()
        if sign == ":":
            return Access(match["name"], value, self.first + start, self.first + self.at)
        return Assignment(match["name"], value, immediate="!" in sign, keeps="?" in sign)

    def _wrap(self) -> Wrap:
        self._skip(_SPACE)
        wrapper = self.phrase(ends=("$$", "}"))
        if self._take() == "}":
            raise self._error("a wrap is `%{text ... $$ inner text}`", self.open[-1][1], self.at)
        self._skip(_SPACE)
        inner = self.phrase(ends=("}",))
        self._take()
        return Wrap(wrapper, inner)

    def _wildcard(self, match: re.Match[str]) -> Wildcard:
        self.at = match.end()
        variables = []
        at = match.start("variables")
        for pair in (match["variables"] or "").split(","):
            name, sign, value = pair.partition("=")
            if sign:
                variables.append((name.strip(), self._inner(value.strip(), at + len(name) + 1)))
            at += len(pair) + 1
        path = self._inner(match["path"].strip(), match.start("path"))
        return Wildcard(
            path, cast(Sampler, match["sampler"]), tuple(variables), self.first + match.start(), self.first + self.at
        )

    def _inner(self, text: str, at: int) -> Phrase:
        """Parse a part of the text that has already been cut out."""
        return _Parser(text, first=self.first + at, depth=self.depth + len(self.open)).phrase(ends=())

    def _take(self) -> str:
        """Read the symbol that ended a sequence; the end of the template is an error."""
        if self.at >= len(self.text):
            symbol, start = self.open[-1]
            error = self._error(f"{_SAID[symbol]} has no `}}`", start, start + len(symbol))
            error.hint = f"add a `}}`, or {error.hint}"
            raise error
        symbol = self.text[self.at : self.at + 2]
        self.at += 2 if symbol == "$$" else 1
        return symbol if symbol == "$$" else symbol[0]

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self.text, self.at)
        assert match is not None, "the pattern matches the empty string"
        self.at = match.end()
        return match

    def _error(self, message: str, start: int, end: int) -> DynamicError:
        hint = r"write `\{`, `\$` or `\%` for a symbol that is text"
        start, end = self.first + start, self.first + end
        return DynamicError(f"{CHARACTER}{start + 1}: {message}", hint, start=start, end=end)


def _range(bounds: re.Match[str]) -> tuple[int, int]:
    """Return the minimum and the maximum number of alternatives to choose."""
    if bounds["low"] is None:
        return 1, 1
    low = int(bounds["low"] or 1)
    high = low if not bounds["to"] else int(bounds["high"] or EVERY)
    return min(low, high), max(low, high)


def _add_plain(parts: list[Part], plain: list[str]) -> None:
    """Add the collected text to the parts, if there is any, and clear it."""
    if text := "".join(plain):
        parts.append(Literally(text))
    plain.clear()
