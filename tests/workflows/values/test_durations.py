"""Durations as people write them."""

from __future__ import annotations

import pytest

from workflows.values.durations import duration_hint, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90), ("5m", 300), ("1.5m", 90), ("1h30m", 5400), ("1H 30 min", 5400), ("2 hours", 7200),
        ("30 minutes", 1800), ("10 sec", 10), ("1 hr", 3600), ("2d", 172_800), ("1 week 1 day", 691_200), ("0s", 0),
    ],
)  # fmt: skip
def test_a_duration_is_converted_to_seconds(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "90", "1:30", "-5s", "1h30", "100ms", "mins", "5 mh", "m5", "5m\n", "٣m"])
def test_other_strings_are_not_durations(text: str) -> None:
    assert parse_duration(text) is None


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("90", "write the unit: 90s, 90m or 90h"),
        ("1:30", "write the units: 1h30m or 1m30s"),
        ("1h30", "write the unit of each number: 1h30m"),
        ("0", "for example 30m, 2h or 1h30m"),
        ("0s", "for example 30m, 2h or 1h30m"),
        ("100ms", "for example 30m, 2h or 1h30m"),
    ],
)
def test_the_error_for_a_wrong_duration_says_what_to_write(text: str, hint: str) -> None:
    assert duration_hint(text) == hint
