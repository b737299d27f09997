"""Counts and numbers of bytes are formatted for people to read."""

from __future__ import annotations

import pytest

from invocations.shown_numbers import counted, readable_size, readable_sizes


def test_a_count_has_a_noun_in_the_singular_only_for_one() -> None:
    assert [counted(count, "image") for count in (0, 1, 2)] == ["0 images", "1 image", "2 images"]


def test_a_size_has_two_or_three_digits_and_a_unit() -> None:
    sizes = (0, 999, 1000, 14_000_000, 123_456_789, 5_800_000_000, 10**14, 10**17)
    assert [readable_size(size) for size in sizes] == [
        "0 B", "999 B", "1.0 kB", "14.0 MB", "123 MB", "5.8 GB", "100 TB", "100000 TB",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (330_000_000, 30_000_000, ("330 MB", "30.0 MB")),
        (7_030_000_000, 7_010_000_000, ("7.03 GB", "7.01 GB")),
        (322_600_000, 322_900_000, ("322.6 MB", "322.9 MB")),
        (322_600_000, 322_400_000, ("323 MB", "322 MB")),
        (7 * 10**9, 7 * 10**9, ("7.0 GB", "7.0 GB")),
        (998, 999, ("998 B", "999 B")),
        (10**12, 10**12 + 1, ("1.0000 TB", "1.0000 TB")),
    ],
)
def test_two_sizes_have_as_many_digits_as_tell_them_apart(first: int, second: int, shown: tuple[str, str]) -> None:
    assert readable_sizes(first, second) == shown
