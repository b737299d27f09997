"""The parts of a parsed expression. Each knows how to compute its value and, as far as possible, the kind of the value.

Kinds that are certain are checked while the expression is parsed, the others when it is evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from invocations.errors import BadValue, ExpressionError
from invocations.frozen import frozen
from invocations.language.did_you_mean import did_you_mean
from invocations.language.source import Span

from .operations import (
    ANYTHING,
    ARITHMETIC,
    BOOL,
    FUNCTIONS,
    LIST,
    NONE,
    NUMBER,
    STRING,
    Function,
    kind_of,
    relate,
)
from .scan import Lexeme

Values = Mapping[str, Any]
Compute = Callable[[Values], Any]
MAX_DEPTH: Final = 100
REPEAT: Final = "repeat the comparison, as in `seed == 1 or seed == 2`, or write `seed in (1, 2)`"


@frozen
class Term:
    """A part of an expression: the kind of its value, a function that computes it, and its place in the text.

    depth: how deep the terms in this term are nested
    """

    kind: str
    compute: Compute
    span: Span
    depth: int = 1


def constant(value: Any, span: Span) -> Term:
    """Return a term with a fixed value."""
    return Term(kind_of(value), lambda values: value, span)


def variable(name: str, span: Span) -> Term:
    """Return a term with the value of a name."""

    def compute(values: Values) -> Any:
        try:
            return values[name]
        except KeyError:
            raise ExpressionError(f"`{name}` has no value", span) from None

    return Term(ANYTHING, compute, span)


def listing(items: Sequence[Term], span: Span) -> Term:
    """Return a term for a list in parentheses."""
    parts = [item.compute for item in items]
    return _nested(LIST, lambda values: tuple([part(values) for part in parts]), span, items)


def arithmetic(symbol: Lexeme, left: Term, right: Term) -> Term:
    """Return a term that computes with two numbers."""
    calculate, a, b = ARITHMETIC[symbol.text], *(_checked(symbol, term, NUMBER, "numbers") for term in (left, right))

    def compute(values: Values) -> Any:
        first, second = a(values), b(values)
        try:
            return calculate(first, second)
        except BadValue as error:
            raise _at(symbol, error) from None

    return _nested(NUMBER, compute, _over(left, right), (left, right))


def signed(symbol: Lexeme, operand: Term) -> Term:
    """Return a term for a number after `-` or `+`."""
    number, span = _checked(symbol, operand, NUMBER, "a number"), Span(symbol.span.start, operand.span.end)
    compute: Compute = (lambda values: -number(values)) if symbol.text == "-" else number
    return _nested(NUMBER, compute, span, (operand,))


def comparison(symbols: Sequence[Lexeme], terms: Sequence[Term]) -> Term:
    """Return a term for a chain of comparisons such as `1 < steps <= 20`; it is true if every comparison is."""
    parts = [term.compute for term in terms]
    for place, symbol in enumerate(symbols):
        _compare_kinds(symbol, terms[place].kind, terms[place + 1].kind)

    def compute(values: Values) -> bool:
        left = parts[0](values)
        for symbol, part in zip(symbols, parts[1:], strict=True):
            right = part(values)
            try:
                holds = relate(symbol.text, left, right)
            except BadValue as error:
                raise _at(symbol, error) from None
            if not holds:
                return False
            left = right
        return True

    return _nested(BOOL, compute, _over(terms[0], terms[-1]), terms)


def joined(symbol: Lexeme, terms: Sequence[Term]) -> Term:
    """Return a term for conditions joined by `and` or `or`; a condition is only evaluated if it matters."""
    parts = [_checked(symbol, term, BOOL, "conditions", REPEAT) for term in terms]
    decides = symbol.text == "or"

    def compute(values: Values) -> bool:
        return decides if any(part(values) is decides for part in parts) else not decides

    return _nested(BOOL, compute, _over(terms[0], terms[-1]), terms)


def negated(symbol: Lexeme, operand: Term) -> Term:
    """Return a term that is true if a condition is not."""
    condition = _checked(symbol, operand, BOOL, "a condition", "compare it, as in `not seed == 1`")
    span = Span(symbol.span.start, operand.span.end)
    return _nested(BOOL, lambda values: not condition(values), span, (operand,))


def call(name: Lexeme, arguments: Sequence[Term], end: int) -> Term:
    """Return a term for a call of a function. Raises: ExpressionError."""
    function = FUNCTIONS.get(name.text)
    if function is None:
        known = "the functions are " + ", ".join(f"`{each}`" for each in FUNCTIONS)
        hint = did_you_mean(name.text, FUNCTIONS, known) or known
        raise ExpressionError(f"there is no function `{name.text}`", name.span, hint)
    if not function.least <= len(arguments) <= (function.most or len(arguments)):
        message = f"`{name.text}` takes {_amount(function)}, not {len(arguments)}"
        raise ExpressionError(message, Span(name.span.start, end))
    wanted = " or ".join({NUMBER: "numbers"}.get(kind, kind) for kind in function.accepts)
    parts = [_checked(name, term, function.accepts, wanted) for term in arguments]

    def compute(values: Values) -> Any:
        given = [part(values) for part in parts]
        try:
            return function.compute(*given)
        except BadValue as error:
            raise _at(name, error) from None

    return _nested(function.returns, compute, Span(name.span.start, end), arguments)


def _checked(symbol: Lexeme, term: Term, kinds: str | tuple[str, ...], wanted: str, hint: str = "") -> Compute:
    """Return a function that computes a term, or raises ExpressionError if its value is not of one of the kinds."""
    kinds = (kinds,) if isinstance(kinds, str) else kinds

    def refusal(kind: str) -> ExpressionError:
        return ExpressionError(f"`{symbol.text}` needs {wanted}, not {kind}", term.span, hint)

    if term.kind in kinds:
        return term.compute
    if term.kind != ANYTHING:
        raise refusal(term.kind)

    def compute(values: Values) -> Any:
        value = term.compute(values)
        if kind_of(value) not in kinds:
            raise refusal(kind_of(value))
        return value

    return compute


_SAMPLES: Final[Mapping[str, Any]] = {NUMBER: 1, STRING: "", BOOL: True, NONE: None}


def _compare_kinds(symbol: Lexeme, left: str, right: str) -> None:
    """Refuse a comparison of two kinds that can never be compared. Raises: ExpressionError."""
    if left in _SAMPLES and right in _SAMPLES:
        try:
            relate(symbol.text, _SAMPLES[left], _SAMPLES[right])
        except BadValue as error:
            raise _at(symbol, error) from None


def _nested(kind: str, compute: Compute, span: Span, inner: Sequence[Term]) -> Term:
    depth = 1 + max([term.depth for term in inner], default=0)
    if depth > MAX_DEPTH:
        raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels", span)
    return Term(kind, compute, span, depth)


def _at(symbol: Lexeme, error: BadValue) -> ExpressionError:
    return ExpressionError(error.message, symbol.span, error.hint)


def _over(left: Term, right: Term) -> Span:
    return Span(left.span.start, right.span.end)


def _amount(function: Function) -> str:
    least, most = function.least, function.most
    if most is None:
        return f"at least {least} values"
    return f"{least} or {most} values" if least != most else f"{least} value{'s' if least > 1 else ''}"
