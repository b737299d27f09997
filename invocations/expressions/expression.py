"""Compile an expression once, then evaluate it for many sets of values.

The values are numbers, strings in quotes, `yes` and `no`, `none`, and names, which may contain dots (`i2i.strength`).
Values can be compared (`1 < steps <= 20`), looked for (`seed in (1, 2)`), computed with (`+ - * / // % **`) and
passed to functions (`operations.FUNCTIONS`); conditions are joined by `and`, `or` and `not`. Nothing else exists: no
attributes of values, no other calls. Values of different kinds are never converted or compared, and a number is not a
condition, so that mistakes such as `seed == 1 or 2` are errors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from invocations.errors import ExpressionError
from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from invocations.language.source import Span

from .operations import ANYTHING, BOOL, FUNCTIONS, kind_of
from .parse import ExpressionParser
from .terms import Term

MAX_SHOWN = 8  # how many known names an error lists


@frozen
class Expression:
    """A compiled expression; `names` are the names that need a value, each with its first place in the text."""

    text: str
    names: Mapping[str, Span]
    term: Term

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the value of the expression for these values of its names. Raises: ExpressionError."""
        return self.term.compute(values)

    def is_true(self, values: Mapping[str, Any]) -> bool:
        """Return whether the condition holds for these values.

        Raises: ExpressionError, also if the expression is not a condition.
        """
        value = self.value(values)
        if value is True or value is False:
            return value
        raise self._no_condition(kind_of(value))

    def errors(self, known: Collection[str], what: str = "name") -> Iterator[ExpressionError]:
        """Yield an error for each name that is not known; `what` is what messages call a name, such as "axis"."""
        for name, span in self.names.items():
            if name not in known:
                yield ExpressionError(f"there is no {what} `{name}`", span, _hint(name, known))

    def check_condition(self) -> None:
        """Refuse an expression that can never be a condition. Raises: ExpressionError."""
        if self.term.kind not in (BOOL, ANYTHING):
            raise self._no_condition(self.term.kind)

    def _no_condition(self, kind: str) -> ExpressionError:
        message = f"the expression is {kind}, but a condition is needed"
        return ExpressionError(message, self.term.span, "compare it, as in `steps > 20`")


def compile_expression(text: str) -> Expression:
    """Return a compiled expression. Raises: ExpressionError."""
    parser = ExpressionParser(text)
    term = parser.whole()
    return Expression(text, parser.names, term)


def _hint(name: str, known: Collection[str]) -> str:
    if name in FUNCTIONS:
        return f"`{name}` is a function: write `{name}(...)`"
    shown = ", ".join(f"`{each}`" for each in list(known)[:MAX_SHOWN])
    names = f"known: {shown}" + (", ..." if len(known) > MAX_SHOWN else "") if known else "no names are known"
    return did_you_mean(name, known) or f"{names}; a string is written in quotes: '{name}'"
