"""Choose the items of a sweep: which names advance together, which items `--where`, `--sample`, `--limit` keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from invocations.errors import ExpressionError
from invocations.expressions.expression import Expression, compile_expression
from invocations.language.declarations import Sweep
from invocations.language.did_you_mean import did_you_mean
from invocations.language.draws import Draws
from invocations.language.errors import LanguageError
from invocations.language.source import Span
from invocations.language.tree import Word
from workflows.planning.errors import PlanningError, planning_error

BAD_EXPRESSION = "bad_expression"
Groups = Sequence[tuple[str, ...]]  # the names of each axis, in order; names of one axis advance together


def grouped(sweep: Sweep, names: Sequence[str], counts: Mapping[str, int]) -> Groups:
    """Return the names of each axis. Raises: PlanningError, for a wrong `--zip`."""
    together: dict[str, tuple[str, ...]] = {}
    for zipped in sweep.zips:
        members = tuple(_known(word, names) for word in zipped)
        if len(set(members)) < 2:
            raise planning_error("bad_value", "`--zip` needs at least two names", _span(zipped), _sample(names))
        for word, name in zip(zipped, members, strict=True):
            if name in together:
                raise planning_error("axis_twice", f"`{name}` is in two `--zip` options", word.span)
        if not sweep.short:
            _check_lengths(members, counts, _span(zipped))
        together |= dict.fromkeys(members, tuple(name for name in names if name in members))
    return list(dict.fromkeys(together.get(name, (name,)) for name in names))


def count_of(group: tuple[str, ...], counts: Mapping[str, int]) -> int:
    """Return the number of items of an axis: the number of values of the name that has the fewest."""
    return min(counts[name] for name in group)


class Selection:
    """The items that a sweep keeps. sizes: the number of items of each axis"""

    def __init__(self, sweep: Sweep, groups: Groups, sizes: Sequence[int]) -> None:
        self.sweep, self.groups, self.sizes = sweep, groups, sizes
        self.total = prod(sizes)

    def is_whole(self, kept: Sequence[int]) -> bool:
        """Whether every item is kept; the axes are then independent of each other."""
        return len(kept) == self.total

    def expression(self, names: Sequence[str]) -> Expression | None:
        """Return the condition after `--where`, or None. Raises: PlanningError."""
        word = self.sweep.where
        if word is None:
            return None
        try:
            expression = compile_expression(word.text)
            expression.check_condition()
        except ExpressionError as error:
            raise PlanningError(pointed(error, word)) from None
        for unknown in expression.errors(names):
            raise PlanningError(pointed(unknown, word))
        return expression

    def positions(self, expression: Expression | None, values: Mapping[str, Sequence[Any]]) -> Sequence[int]:
        """Return the positions of the items to keep, counted from 0; the last axis varies fastest.

        Raises: PlanningError, if the condition cannot be evaluated or no item is left.
        """
        kept: Sequence[int] = range(self.total)
        if expression is not None:
            kept = list(self._matching(expression, values))
        if self.sweep.sample is not None and self.sweep.sample < len(kept):
            chosen = Draws(0, "sample").distinct(self.sweep.sample, len(kept))
            kept = sorted(kept[place] for place in chosen)
        return kept[: self.sweep.limit]

    def _matching(self, expression: Expression, values: Mapping[str, Sequence[Any]]) -> Iterator[int]:
        word = self.sweep.where
        assert word is not None
        found = False
        for position, indices in enumerate(product(*map(range, self.sizes))):
            try:
                if expression.is_true(self.item(indices, values)):
                    found = True
                    yield position
            except ExpressionError as error:
                raise PlanningError(pointed(error, word)) from None
        if not found:
            message = f"`--where` leaves none of the {self.total} items"
            raise planning_error(BAD_EXPRESSION, message, word.span)

    def item(self, indices: Sequence[int], values: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Return the values of one item by name. indices: the index on each axis"""
        return {name: values[name][index] for group, index in zip(self.groups, indices, strict=True) for name in group}

    def indices(self, position: int) -> list[int]:
        """Return the indices of the item at a position, one for each axis."""
        found = []
        for size in reversed(self.sizes):
            position, index = divmod(position, size)
            found.append(index)
        return found[::-1]


def pointed(error: ExpressionError, word: Word) -> LanguageError:
    """Return the error in an expression, with its place in the line."""
    start = word.span.start + len(word.quote)
    exact = word.span.end - word.span.start == len(word.text) + 2 * len(word.quote)
    span = Span(start + error.span.start, start + error.span.end) if exact else word.span
    return LanguageError(BAD_EXPRESSION, error.message, span, error.hint or None)


def _known(word: Word, names: Sequence[str]) -> str:
    name = word.text if word.text in names else word.text.replace("-", "_")
    if name not in names:
        known = "its names are " + ", ".join(f"`{each}`" for each in names)
        hint = did_you_mean(word.text, names, known)
        raise planning_error("unknown_axis", f"the sweep does not declare the name `{word.text}`", word.span, hint)
    return name


def _check_lengths(names: Sequence[str], counts: Mapping[str, int], span: Span) -> None:
    first = names[0]
    for name in names[1:]:
        if counts[name] != counts[first]:
            message = f"`{first}` has {_values(counts[first])}, but `{name}` has {_values(counts[name])}"
            hint = "write the same number of values, or add `--zip-short` to cut the longer list"
            raise planning_error("bad_value", message, span, hint)


def _values(count: int) -> str:
    return f"{count} value{'s' if count != 1 else ''}"


def _sample(names: Sequence[str]) -> str | None:
    return f"write for example --zip {names[0]},{names[1]}" if len(names) > 1 else None


def _span(words: Sequence[Word]) -> Span:
    return Span(words[0].span.start, words[-1].span.end)
