"""The nodes for arithmetic and conditions, case by case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from invocations.errors import BadValue

Run = Callable[..., Any]

CASES = [
    ("add", 1, 2, 3),
    ("add", 1.5, 2, 3.5),
    ("add", -1, 1, 0),
    ("sub", 5, 3, 2),
    ("sub", 0.5, 1, -0.5),
    ("mul", 3, 4, 12),
    ("mul", 0.5, 4, 2.0),
    ("mul", 10**150, 10**150, 10**300),
    ("div", 6, 3, 2),
    ("div", 7, 2, 3.5),
    ("div", -7, 7, -1),
    ("div", 6.0, 3, 2.0),
    ("mod", 7, 3, 1),
    ("mod", -7, 3, 2),
    ("mod", 7.5, 2, 1.5),
    ("min", 3, 4, 3),
    ("min", 3.5, 3, 3),
    ("max", 3, 4, 4),
    ("max", 3.5, 3, 3.5),
]


@pytest.mark.parametrize(("name", "a", "b", "expected"), CASES)
def test_arithmetic_on_integers_returns_integers(run: Run, name: str, a: float, b: float, expected: float) -> None:
    result = run(name, a=a, b=b)
    assert result == expected
    assert type(result) is type(expected)


REFUSED = [
    ("div", 1, 0, "b", "division by zero"),
    ("div", 1.0, 0.0, "b", "division by zero"),
    ("mod", 1, 0, "b", "division by zero"),
    ("mul", 1e200, 1e200, "a", "the result is too large"),
    ("mul", 10**200, 10**200, "a", "the result is too large"),
    ("add", 10**400, 1.5, "a", "the result is too large"),
    ("sub", float("inf"), float("inf"), "a", "the result is too large"),
    ("div", 10**400, 3, "a", "the result is too large"),
]


@pytest.mark.parametrize(("name", "a", "b", "field", "message"), REFUSED)
def test_impossible_operations_are_refused(run: Run, name: str, a: float, b: float, field: str, message: str) -> None:
    with pytest.raises(BadValue) as refused:
        run(name, a=a, b=b)
    assert (refused.value.field, str(refused.value), refused.value.code) == (field, message, "bad_value")


ROUNDED = [(2.7, 0, 3), (2.5, 0, 2), (3.5, 0, 4), (-2.7, 0, -3), (3, 0, 3), (3.14159, 2, 3.14), (5, 2, 5)]


@pytest.mark.parametrize(("value", "digits", "expected"), ROUNDED)
def test_rounding_without_digits_returns_an_integer(run: Run, value: float, digits: int, expected: float) -> None:
    result = run("round", value=value, digits=digits)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize("value", [float("inf"), float("nan")])
def test_infinity_and_nan_cannot_be_rounded(run: Run, value: float) -> None:
    with pytest.raises(BadValue) as refused:
        run("round", value=value)
    assert refused.value.field == "value"


def test_random_returns_the_same_number_for_the_same_seed(run: Run) -> None:
    assert run("random", low=1, high=6, seed=7) == run("random", low=1, high=6, seed=7) == 2
    assert run("random", seed=7) == 0.32383276483316237
    assert run("random", seed=7) != run("random", seed=8)


def test_random_without_a_seed_uses_the_seed_of_the_context(run: Run) -> None:
    assert run("random") == run("random", seed=1234)


def test_a_random_number_between_two_integers_can_equal_either_of_them(run: Run) -> None:
    drawn = {run("random", low=1, high=3, seed=seed) for seed in range(60)}
    assert drawn == {1, 2, 3}
    assert all(type(number) is int for number in drawn)


def test_a_random_number_between_non_integers_is_not_an_integer(run: Run) -> None:
    drawn = [run("random", low=1.0, high=3, seed=seed) for seed in range(20)]
    assert all(1 <= number <= 3 and type(number) is float for number in drawn)
    assert run("random", low=4, high=4, seed=1) == 4


def test_random_requires_the_smaller_number_first(run: Run) -> None:
    with pytest.raises(BadValue, match="there is no number from 3 to 1"):
        run("random", low=3, high=1)


def test_a_random_number_between_huge_bounds_is_refused(run: Run) -> None:
    with pytest.raises(BadValue, match="too large"):
        run("random", low=0, high=10**400)


COMPARED = [
    (1, "lt", 2, True),
    (2, "lt", 2, False),
    (2, "le", 2, True),
    (2, "eq", 2.0, True),
    (2, "ne", 2, False),
    (3, "ge", 2, True),
    (2, "gt", 2, False),
    (2.5, "gt", 2, True),
]


@pytest.mark.parametrize(("a", "how", "b", "expected"), COMPARED)
def test_73_numbers_are_compared(run: Run, a: float, how: str, b: float, expected: bool) -> None:
    assert run("compare-numbers", a=a, how=how, b=b) is expected


@pytest.mark.parametrize(("a", "b"), [(True, True), (True, False), (False, True), (False, False)])
def test_73_the_logical_nodes_combine_conditions(run: Run, a: bool, b: bool) -> None:
    assert run("and", a=a, b=b) is (a and b)
    assert run("or", a=a, b=b) is (a or b)
    assert run("not", a=a) is (not a)


def test_73_if_returns_the_chosen_value(run: Run) -> None:
    assert run("if", condition=True, then="a", otherwise="b") == "a"
    assert run("if", condition=False, then="a", otherwise="b") == "b"


def test_outside_a_graph_iterate_and_collect_process_one_item(run: Run) -> None:
    assert run("iterate", collection=[4, 5]) == 4
    assert run("collect", item=4) == [4]
    assert run("collect", item=4, earlier=[2, 3]) == [2, 3, 4]
