"""The numbers in the names of tests lead to tests/BEHAVIOURS.md, and back."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERED = re.compile(r"^\s*(?:async )?def test_0*(\d+[a-z]?)_", re.MULTILINE)
LISTED = re.compile(r"^- (\d+[a-z]?): \S", re.MULTILINE)


def listed() -> list[str]:
    return LISTED.findall((TESTS / "BEHAVIOURS.md").read_text(encoding="utf-8"))


def test_each_number_in_the_name_of_a_test_is_listed_and_each_listed_one_has_a_test() -> None:
    used = {
        number for path in TESTS.rglob("test_*.py") for number in NUMBERED.findall(path.read_text(encoding="utf-8"))
    }
    assert used == set(listed())


def test_no_number_is_listed_twice() -> None:
    assert [number for number, count in Counter(listed()).items() if count > 1] == []
