"""Evenly spaced numbers are exact and counted without being created; drawn numbers are the same on every machine."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invocations.language.draws import Draws
from invocations.language.ranges import Exact, drawn, power_within, read_number, read_whole, spread, stepped

NUMBERS = st.decimals(-1000, 1000, places=3).map(str)


def number(text: str) -> Exact:
    found = read_number(text)
    assert found is not None
    return found


@given(NUMBERS | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e307, max_value=1e307).map(repr))
def test_a_number_is_read_exactly(text: str) -> None:
    found = number(text)
    assert Fraction(found.units, 10**found.places) == Fraction(Decimal(text))
    assert Decimal(str(found)) == Decimal(text)


@pytest.mark.parametrize(("text", "units"), [("5.", 5), ("+5", 5), ("-.5e1", -5), ("5e0", 5), ("05", 5)])
def test_a_number_can_be_written_in_any_form_that_an_input_accepts(text: str, units: int) -> None:
    assert number(text).equals(Exact(units))


BAD = ["", "-", ".", "x", "1x", "--5", "1.-5", "1e", "e5", "1e5e5", "1_0", " 5", "\u0665", "inf", "nan", "1.2.3"]


@pytest.mark.parametrize("text", [*BAD, "1e308", "1e999999999", "9" * 301])
def test_text_that_is_not_a_finite_number_is_refused(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize("text", [*BAD, "1.0", "1e3"])
def test_text_that_is_not_an_integer_is_refused(text: str) -> None:
    assert read_whole(text) is None


@given(NUMBERS, NUMBERS, st.integers(1, 9).map(lambda step: f"{step / 10}"))
def test_steps_are_exact_decimals(first: str, last: str, step: str) -> None:
    low, high = sorted((Decimal(first), Decimal(last)))
    row = stepped(number(str(low)), number(str(high)), number(step), whole=False)
    assert row is not None
    expected = [float(low + place * Decimal(step)) for place in range(int((high - low) / Decimal(step)) + 1)]
    assert list(row.values()) == expected
    assert row.count == len(expected)


def test_a_range_with_a_step_of_0_or_away_from_its_end_has_no_numbers() -> None:
    assert stepped(Exact(8), Exact(1), Exact(1), whole=True) is None
    assert stepped(Exact(1), Exact(8), Exact(-1), whole=True) is None
    assert stepped(Exact(1), Exact(8), Exact(0), whole=True) is None


def test_a_thousand_million_numbers_are_counted_without_being_created() -> None:
    row = stepped(Exact(1), Exact(10**9), Exact(1), whole=True)
    assert row is not None
    assert row.count == 10**9
    assert next(row.values()) == 1


@given(st.integers(-999, 999), st.integers(2, 50), st.integers(1, 999))
def test_numbers_at_equal_distances_include_both_ends_and_never_repeat(first: int, count: int, distance: int) -> None:
    row = spread(Exact(first, 2), Exact(first + distance, 2), count, whole=False)
    assert row is not None
    exact = [Fraction(first, 100) + place * Fraction(distance, 100 * (count - 1)) for place in range(count)]
    assert list(row.values()) == [float(each) for each in exact]
    whole = spread(Exact(first), Exact(first + distance), count, whole=True)
    assert (whole is None) == (distance < count - 1)
    if whole is not None:
        values = list(whole.values())
        assert values == sorted(set(values))
        assert (values[0], values[-1], len(values)) == (first, first + distance, count)


def test_a_half_is_rounded_up_if_integers_are_wanted() -> None:
    rows = (spread(Exact(1), Exact(10), 3, whole=True), spread(Exact(-10), Exact(-1), 3, whole=True))
    assert [list(row.values()) for row in rows if row] == [[1, 6, 10], [-10, -5, -1]]


def test_a_range_of_one_number_needs_equal_ends() -> None:
    assert spread(Exact(1), Exact(2), 1, whole=True) is None
    assert spread(Exact(2), Exact(2), 2, whole=False) is None
    row = spread(Exact(2), Exact(20, 1), 1, whole=False)
    assert row is not None
    assert list(row.values()) == [2.0]


@given(st.integers(0, 2**70), st.integers(1, 40), st.integers(0, 60))
def test_drawn_integers_are_different_and_between_the_ends(seed: int, count: int, distance: int) -> None:
    row = drawn(Exact(5), Exact(5 + distance), count, whole=True)
    assert (row is None) == (distance + 1 < count)
    if row is not None:
        values = list(row.values(seed, "steps"))
        assert len({*values}) == count == row.count
        assert min(values) >= 5
        assert max(values) <= 5 + distance
        assert list(row.values(seed, "steps")) == values


def test_drawn_numbers_have_just_enough_decimal_places_for_a_thousand_choices() -> None:
    row = drawn(Exact(2), Exact(12), 6, whole=False)
    assert row is not None
    assert row.total == 1001
    assert list(row.values(7, "guidance")) == [8.85, 3.38, 3.94, 3.93, 2.76, 11.95]
    many = drawn(Exact(2), Exact(12), 500, whole=False)
    assert many is not None
    assert many.total == 10001


def test_a_draw_depends_on_the_seed_and_on_the_name() -> None:
    row = drawn(Exact(1), Exact(10**6), 5, whole=True)
    assert row is not None
    assert len({tuple(row.values(seed, name)) for seed in (1, 2) for name in ("", "steps", "guidance")}) == 6


def test_the_generator_is_splitmix64() -> None:
    draws = Draws(1234567)
    assert [draws.word() for _ in range(5)] == [  # the published test values for this seed
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(st.integers(0, 2**64 - 1), st.integers(1, 2**130))
def test_a_drawn_number_is_below_its_limit(seed: int, limit: int) -> None:
    assert 0 <= Draws(seed).below(limit) < limit


def test_each_number_below_a_limit_is_drawn_about_equally_often() -> None:
    draws = Draws(3)
    counts = [0] * 5
    for _ in range(5000):
        counts[draws.below(5)] += 1
    assert all(900 < count < 1100 for count in counts)


POWERS = [
    ("0", "1", 2, "0.1"),
    ("3", "9", 2, "1"),
    ("9", "3", 2, "1"),
    ("0", "100", 2, "10"),
    (".25", ".75", 2, "0.1"),
    ("0", "0.001", 2, "0.0001"),
    ("0", "1", 1, "1"),
    ("0", "1", 11, "0.01"),
    ("2", "2", 2, "1"),
]


@pytest.mark.parametrize(
    ("first", "last", "parts", "expected"),
    POWERS,
)
def test_the_largest_power_of_ten_that_divides_a_range_into_enough_parts_is_found(
    first: str, last: str, parts: int, expected: str
) -> None:
    assert str(power_within(number(first), number(last), parts)) == expected
