"""Properties of expressions, tested with random strings: the limits hold, and Python computes the same values."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from invocations.errors import ExpressionError
from invocations.expressions.expression import compile_expression

PIECES = [
    "seed", "name", "i2i.strength", "tiled", "abs", "min", "round", "len", "upper", "1", "2.5", ".5", "9", "1e300",
    "'a'", '"b"', "(", ")", ",", "+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or",
    "not", "in", "yes", "none", " ", "=", "&&", "..", "'", "__class__", ".", "[", "é", "\n", "\0",
]  # fmt: skip
VALUES = {"seed": 3, "name": "fox", "i2i.strength": 0.5, "tiled": True, "mask": None}

numbers = st.one_of(
    st.integers(0, 50).map(str), st.sampled_from(["seed", ".5", "2.25"]), st.floats(0, 9).map(lambda x: f"{x:.2f}")
)
sums = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "//", "%"]), inner).map(" ".join),
        st.tuples(st.sampled_from("-+"), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"abs({text})"),
        st.tuples(inner, inner).map(lambda both: f"max({both[0]}, {both[1]})"),
    ),
    max_leaves=8,
)
comparisons = st.one_of(
    st.tuples(sums, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), sums).map(" ".join),
    st.tuples(sums, st.just("<"), sums, st.just("<="), sums).map(" ".join),
    st.tuples(sums, sums, sums).map(lambda each: f"{each[0]} in ({each[1]}, {each[2]})"),
    st.tuples(sums, sums, sums).map(lambda each: f"{each[0]} not in ({each[1]}, {each[2]})"),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
        inner.map(lambda text: f"not {text}"),
        inner.map(lambda text: f"({text})"),
    ),
    max_leaves=6,
)


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join)))
def test_any_text_is_evaluated_or_refused_with_a_place_inside_it(text: str) -> None:
    value, error = evaluated(text)
    if error is not None:
        assert 0 <= error.span.start <= error.span.end <= len(text)
        assert error.message
    elif isinstance(value, (int, float)):
        assert abs(value) <= 10**300
    else:
        assert value is None or isinstance(value, str)


@given(st.lists(st.sampled_from(["9", "**", "*", "(", ")", "99999"]), max_size=40).map(" ".join))
def test_powers_are_computed_quickly_or_refused(text: str) -> None:
    with suppress(ExpressionError):
        assert abs(compile_expression(text).value({})) <= 10**300


@given(sums)
def test_arithmetic_has_the_same_value_as_in_python(text: str) -> None:
    assert computed(text) == python(text)


@given(conditions)
def test_a_condition_has_the_same_value_as_in_python(text: str) -> None:
    assert computed(text) == python(text)


def evaluated(text: str) -> tuple[Any, ExpressionError | None]:
    """Return the value of an expression, or the error that it raises."""
    try:
        return compile_expression(text).value(VALUES), None
    except ExpressionError as error:
        return None, error


def computed(text: str) -> Any:
    """Return the value of an expression, or the message of its error."""
    value, error = evaluated(text)
    return error.message if error is not None else value


def python(text: str) -> Any:
    """Return the value that Python computes; the text contains nothing but numbers, operators, `seed` and functions."""
    try:
        return eval(compile(text, "expression", "eval"), {"__builtins__": {}, "abs": abs, "max": max, "seed": 3})
    except ZeroDivisionError:
        return "division by zero"
