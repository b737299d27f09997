"""Arithmetic on two numbers as plain functions, which can run without importing the nodes that use them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from invocations.errors import BadValue

Number = int | float
Compute = Callable[[Number, Number], Number]
LARGEST: Final = 10**300  # integers are limited to the range of floats, so that a loop of `mul` cannot fill the memory


def add(a: Number, b: Number) -> Number:
    """Return the sum."""
    return calculate(operator.add, a, b)


def sub(a: Number, b: Number) -> Number:
    """Return the difference."""
    return calculate(operator.sub, a, b)


def mul(a: Number, b: Number) -> Number:
    """Return the product."""
    return calculate(operator.mul, a, b)


def div(a: Number, b: Number) -> Number:
    """Return the quotient, an integer if two integers divide evenly. Raises: BadValue, for division by zero."""
    refuse_zero(b)
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    return calculate(operator.truediv, a, b)


def calculate(compute: Callable[[Any, Any], Number], a: Number, b: Number | None, *, field: str = "a") -> Number:
    """Apply an operation to two numbers. Raises: BadValue, if the result is too large."""
    try:
        return sane(compute(a, b), field)
    except OverflowError as error:
        raise BadValue(field, "the result is too large") from error


def sane(number: Number, field: str) -> Number:
    """Return the number unchanged. Raises: BadValue, if it is too large to be written and read back."""
    if not abs(number) <= LARGEST:  # the comparison is also False for infinity and NaN
        raise BadValue(field, "the result is too large")
    return number


def refuse_zero(number: Number) -> None:
    """Refuse zero as a divisor. Raises: BadValue."""
    if number == 0:
        raise BadValue("b", "division by zero")


def _work(compute: Compute) -> Callable[[Any, Mapping[str, Any]], dict[str, Any]]:
    def work(_: Any, inputs: Mapping[str, Any]) -> dict[str, Any]:
        return {"value": compute(inputs["a"], inputs["b"])}

    return work


add_work, sub_work, mul_work, div_work = map(_work, (add, sub, mul, div))  # node metadata refers to them by name
