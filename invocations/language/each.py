"""Read a word that stands for several values: `10,20,30`, `1..8`, `0..1:0.1`, `2..12?6`, `4x`.

The parser keeps such a word as it was typed, because only its command knows whether an input takes several values.
Errors are returned as values, so the planner can report all errors of a line at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from invocations.frozen import frozen

from .errors import LanguageError
from .ranges import DIGITS, Exact, Numbers, drawn, power_within, read_number, read_whole, spread, stepped
from .source import Span
from .tree import Word

BAD_RANGE = "bad_range"  # the code of every error in a word with several values
DOTS = ".."
TAILS = ":/?"  # what comes before a step, a number of items, and how many numbers to draw
DRAWS = "x"
QUOTES = ("'", '"')
MAX_COUNT = 10**18
RANGE_FORMS = "ranges are written 1..8, 1..8:2 (a step), 1..8/4 (how many) or 1..8?4 (how many random numbers)"


@frozen
class EachText:
    """One value as text, without the quotes around it."""

    text: str
    span: Span


@frozen
class EachDrawn:
    """A number of random seeds: `4x`."""

    text: str
    count: int
    span: Span

    def error(self, name: str, *, is_seed: bool) -> LanguageError | None:
        """Return the error if the input `name` is not a seed, or if this item draws no seeds; otherwise None."""
        if not is_seed:
            message = f"`{self.text}` draws random seeds, but `{name}` is not a seed"
            count = max(self.count, 1)
            hint = f"for a single value, write {count}; to draw numbers from a range, write for example 1..50?{count}"
            return LanguageError(BAD_RANGE, message, self.span, hint)
        if not self.count:
            return LanguageError(BAD_RANGE, f"`{self.text}` draws no seeds", self.span, "write for example 4x")
        return None


class _Refused(Exception):
    """Carries an error out of the functions that read a range."""

    def __init__(self, message: str, hint: str, at: int = 0, length: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.at, self.length = message, hint, at, length


@frozen
class EachRange:
    """The numbers from one end to the other, both included; the parts are strings as they were typed.

    kind: what `tail` is: ":" for a step, "/" for the number of items, "?" for how many numbers to draw, "" for no tail
    """

    text: str
    first: str
    last: str
    kind: str
    tail: str
    span: Span

    def numbers(self, *, whole: bool) -> Numbers | LanguageError:
        """Return the numbers of the range, or the error in it. whole: whether they are integers."""
        try:
            return self._numbers(whole=whole)
        except _Refused as refused:
            span = self.span
            if span.end - span.start == len(self.text):
                end = len(self.text) if refused.length is None else refused.at + refused.length
                span = Span(span.start + refused.at, span.start + end)
            return LanguageError(BAD_RANGE, refused.message, span, refused.hint)

    @property
    def ends(self) -> str:
        """The range as it was typed, without its tail."""
        return self.first + DOTS + self.last

    def _numbers(self, *, whole: bool) -> Numbers:
        first = _read(self.first, 0, whole=whole)
        last = _read(self.last, len(self.first) + len(DOTS), whole=whole)
        at = len(self.ends) + len(self.kind)
        if any(char in TAILS for char in self.tail):
            raise _Refused("a range takes only one of :STEP, /COUNT and ?COUNT", RANGE_FORMS, at - 1)
        if self.kind in ("/", "?"):
            return self._counted(first, last, at, whole=whole)
        if not self.kind and not whole and not first.equals(last):
            raise self._without_step(first, last)
        step = _read(self.tail, at, whole=whole) if self.kind else Exact(1)
        found = stepped(first, last, step, whole=whole)
        if found is None:
            raise self._empty(step) if step.units else self._not_moving(first, last, at)
        return found

    def _counted(self, first: Exact, last: Exact, at: int, *, whole: bool) -> Numbers:
        """Return the numbers of a range that states how many there are."""
        count = read_whole(self.tail)
        if count is None or not 0 < count.units <= MAX_COUNT:
            message = f"`{self.tail}` is not a number of items" if self.tail else "the number of items is missing"
            raise _Refused(message, f"write for example {self.ends}{self.kind}4", at, len(self.tail))
        if self.kind == "/" and count.units == 1 and not first.equals(last):
            hint = f"write {self.first}, or {self.ends}/2"
            raise _Refused("a range includes both ends, so it has at least 2 items", hint, at, len(self.tail))
        find = drawn if self.kind == "?" else spread
        found = find(first, last, count.units, whole=whole)
        if found is None:
            most = abs(last.units - first.units) + 1 if whole else 1
            numbers = f"{most} {'whole number' if whole else 'number'}{'' if most == 1 else 's'}"
            hint = f"write {self.ends}{self.kind}{most}"
            raise _Refused(f"the range `{self.ends}` has only {numbers}", hint, at, len(self.tail))
        return found

    def _empty(self, step: Exact) -> _Refused:
        size = str(Exact(abs(step.units), step.places))
        back = self.last + DOTS + self.first
        up, down = (back, self.ends) if step.units > 0 else (self.ends, back)
        hint = f"write {up}{f':{size}' if size != '1' else ''}, or {down}:-{size} to count down"
        return _Refused(f"the range `{self.text}` is empty", hint)

    def _not_moving(self, first: Exact, last: Exact, at: int) -> _Refused:
        sign = "-" if stepped(first, last, Exact(1), whole=False) is None else ""
        return _Refused("the step of a range cannot be 0", f"write for example {self.ends}:{sign}1", at, len(self.tail))

    def _without_step(self, first: Exact, last: Exact) -> _Refused:
        """Return the error for a range with fractions but no step and no count; the hint suggests one of each."""
        step = power_within(first, last, 2)
        up = stepped(first, last, step, whole=False)
        row = up or stepped(last, first, step, whole=False)
        count = row.total if row else 2
        hint = f"write {self.ends}:{'' if up else '-'}{step} (a step) or {self.ends}/{count} (how many)"
        return _Refused(f"the range `{self.ends}` needs a step or a count", hint)


EachItem = EachText | EachRange | EachDrawn


@frozen
class Each:
    """The items of one word, in order."""

    items: tuple[EachItem, ...]
    span: Span


def read_each(word: Word) -> Each | None:
    """Return the items of a word, or None if the word is one plain value.

    A word in quotes is one value, unless each of its items has its own quotes: "'a, b','c, d'".
    """
    parts = _parts(word)
    if not parts:
        return None
    start = word.span.start + len(word.quote)
    exact = word.span.end - word.span.start == len(word.text) + 2 * len(word.quote)
    items = tuple(
        _item(text, Span(start + at, start + at + length) if exact else word.span) for text, at, length in parts
    )
    return None if len(items) == 1 and isinstance(items[0], EachText) else Each(items, word.span)


def split_items(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the parts between commas without the spaces around them, each with its place and its length in the text.

    A part in quotes keeps its commas; its place and its length include the quotes. The time is linear.
    """
    at = 0
    while True:
        at = _skip_spaces(text, at)
        end = _end_of_quotes(text, at)
        comma = text.find(",", end or at)
        stop = len(text) if comma < 0 else comma
        part = text[at:stop].rstrip()
        yield (text[at + 1 : end - 1], at, end - at) if end else (part, at, len(part))
        if comma < 0:
            return
        at = comma + 1


def _end_of_quotes(text: str, at: int) -> int:
    """Return the end of the quotes around an item; 0 if the item is not quoted as a whole, or contains no comma."""
    end = text.find(text[at], at + 1) if text.startswith(QUOTES, at) else -1
    if end < 0 or text.find(",", at, end) < 0:
        return 0
    after = _skip_spaces(text, end + 1)
    return end + 1 if after == len(text) or text[after] == "," else 0


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _parts(word: Word) -> list[tuple[str, int, int]]:
    """Return the parts of a word, each with its place and its length in the text; [] if a quoted word is not split."""
    parts = list(split_items(word.text))
    if not word.quote:
        return parts
    found = []
    for text, at, length in parts:
        if length == len(text) + 2:
            found.append((text, at, length))
        elif length > 1 and text[0] == text[-1] and text[0] in QUOTES:
            found.append((text[1:-1], at, length))
        else:
            return []
    return found if len(found) > 1 else []


def _item(text: str, span: Span) -> EachItem:
    if text.endswith(DRAWS) and len(text) > 1 and DIGITS.issuperset(text[:-1]) and len(text) < len(str(MAX_COUNT)):
        return EachDrawn(text, int(text[:-1]), span)
    first, dots, rest = text.partition(DOTS)
    end = next((at for at, char in enumerate(rest) if char in TAILS), len(rest))
    if dots and (read_number(first) or read_number(rest[:end])):
        return EachRange(text, first, rest[:end], rest[end : end + 1], rest[end + 1 :], span)
    return EachText(text, span)


def _read(text: str, at: int, *, whole: bool) -> Exact:
    """Return a number that is part of a range. Raises: _Refused."""
    found = read_whole(text) if whole else read_number(text)
    if found is None:
        kind = "a whole number" if whole else "a number"
        message = f"`{text}` is not {kind}" if text else f"{kind} is missing in this range"
        raise _Refused(message, RANGE_FORMS, at, len(text))
    return found
