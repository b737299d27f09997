"""The operations of expressions on plain values, all with bounded cost: arithmetic, comparisons, functions.

Each raises BadValue with an error message; the field of the error is not used. Numbers stay within the limits of the
nodes that compute with numbers (`invocations.arithmetic`), and no operation makes a string longer.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from invocations.arithmetic import Number, add, calculate, div, mul, refuse_zero, sane, sub
from invocations.errors import BadValue
from invocations.frozen import frozen

MAX_EXPONENT: Final = 1_000  # 2 ** 1000 already exceeds the largest number
KINDS: Final[Mapping[type, str]] = {
    bool: "yes/no", int: "a number", float: "a number", str: "a string", type(None): "none", list: "a list",
    tuple: "a list",
}  # fmt: skip
NUMBER: Final = "a number"
STRING: Final = "a string"
BOOL: Final = "yes/no"
NONE: Final = "none"
LIST: Final = "a list"
ANYTHING: Final = "anything"  # the kind of a value that is only known when the expression is evaluated
LISTS: Final = "write a list such as `(1, 2, 3)`, or a string"
QUOTES: Final = "write strings in quotes and numbers without quotes"
IN: Final = ("in", "not in")


@frozen
class Function:
    """A function that expressions can call, with the kinds of values that it accepts, and how many it takes."""

    compute: Callable[..., Any]
    accepts: tuple[str, ...]
    returns: str
    least: int = 1
    most: int | None = 1  # None: any number of values


def kind_of(value: object) -> str:
    """Return the kind of a value as error messages name it, such as "a number"."""
    return KINDS.get(type(value), f"a value of type {type(value).__name__}")


def power(base: Number, exponent: Number) -> Number:
    """Return a power of a number. Raises: BadValue."""
    if base == 0 and exponent < 0:
        raise BadValue("b", "division by zero")
    if base < 0 and exponent != int(sane(exponent, "b")):
        raise BadValue("b", f"a negative number has no real power with the exponent {exponent:g}")
    if abs(base) > 1 and exponent > MAX_EXPONENT:
        raise BadValue("a", "the result is too large")
    return calculate(operator.pow, sane(base, "a"), exponent)


def remainder(a: Number, b: Number) -> Number:
    """Return the remainder, with the sign of the second number. Raises: BadValue."""
    refuse_zero(b)
    return calculate(operator.mod, a, b)


def quotient(a: Number, b: Number) -> Number:
    """Return the quotient, rounded down. Raises: BadValue."""
    refuse_zero(b)
    return calculate(operator.floordiv, a, b)


def relate(symbol: str, a: Any, b: Any) -> bool:
    """Return whether a comparison operator holds between two values. Raises: BadValue."""
    return contains(symbol, a, b) if symbol in IN else compare(symbol, a, b)


def compare(symbol: str, a: Any, b: Any) -> bool:
    """Compare two values. Numbers and strings are never compared with each other. Raises: BadValue."""
    kind, other = kind_of(a), kind_of(b)
    equality = symbol in ("==", "!=")
    if kind != other and not (equality and NONE in (kind, other)):
        hint = QUOTES if STRING in (kind, other) else ""
        raise BadValue("a", f"`{symbol}` cannot compare {kind} with {other}", hint)
    if equality:
        return bool(a == b) is (symbol == "==")
    if kind not in (NUMBER, STRING):
        raise BadValue("a", f"`{symbol}` compares numbers or strings, not {kind}")
    return bool(ORDERS[symbol](a, b))


def contains(symbol: str, item: Any, whole: Any) -> bool:
    """Return whether an item is in a list, or a string in another string (`in`), or is not (`not in`).

    Raises: BadValue.
    """
    if isinstance(whole, str) and isinstance(item, str):
        found = item in whole
    elif isinstance(whole, (list, tuple)):
        found = any(compare("==", item, each) for each in whole)
    else:
        raise BadValue("b", f"`{symbol}` cannot look for {kind_of(item)} in {kind_of(whole)}", LISTS)
    return found is (symbol == "in")


ARITHMETIC: Final[Mapping[str, Callable[[Number, Number], Number]]] = {
    "+": add, "-": sub, "*": mul, "/": div, "//": quotient, "%": remainder, "**": power,
}  # fmt: skip
ORDERS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def _rounded(value: Number, digits: Number = 0) -> Number:
    if digits != int(digits) or abs(digits) > 15:
        raise BadValue("digits", f"the number of digits must be a whole number from -15 to 15, not {digits:g}")
    return calculate(round, sane(value, "value"), int(digits) or None)


def _root(value: Number) -> float:
    if value < 0:
        raise BadValue("value", "a negative number has no square root")
    return math.sqrt(sane(value, "value"))


def _whole(compute: Callable[[Number], int]) -> Callable[[Number], Number]:
    return lambda value: compute(sane(value, "value"))


def _length(value: Sequence[Any]) -> int:
    return len(value)


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": Function(abs, (NUMBER,), NUMBER),
    "ceil": Function(_whole(math.ceil), (NUMBER,), NUMBER),
    "floor": Function(_whole(math.floor), (NUMBER,), NUMBER),
    "len": Function(_length, (STRING, LIST), NUMBER),
    "lower": Function(str.lower, (STRING,), STRING),
    "max": Function(max, (NUMBER,), NUMBER, 2, None),
    "min": Function(min, (NUMBER,), NUMBER, 2, None),
    "round": Function(_rounded, (NUMBER,), NUMBER, 1, 2),
    "sqrt": Function(_root, (NUMBER,), NUMBER),
    "upper": Function(str.upper, (STRING,), STRING),
}
