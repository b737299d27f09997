"""tests/BEHAVIOURS.md lists every number in a test name, and every test that it names exists."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parents[1]
NUMBERED = re.compile(r"^\s*(?:async )?def test_0*(\d+[a-z]?)_", re.MULTILINE)
LISTED = re.compile(r"^- (\d+[a-z]?): \S", re.MULTILINE)
DEFINED = re.compile(r"^\s*(?:async )?def (test_\w+)", re.MULTILINE)
KEPT = re.compile(r"^- (\S.*): ((?:`test_\w+`(?:, )?)+)$")
PAGE = (TESTS / "BEHAVIOURS.md").read_text(encoding="utf-8")


def listed() -> list[str]:
    return LISTED.findall(PAGE)


def in_tests(pattern: re.Pattern[str]) -> set[str]:
    """Return all matches of a pattern in the suite's files."""
    return {found for path in TESTS.rglob("test_*.py") for found in pattern.findall(path.read_text(encoding="utf-8"))}


def test_each_number_in_a_test_name_is_listed_and_each_listed_number_has_a_test() -> None:
    assert in_tests(NUMBERED) == set(listed())


def test_no_number_is_listed_twice() -> None:
    assert [number for number, count in Counter(listed()).items() if count > 1] == []


def test_each_behavior_kept_from_0_1_0_names_tests_that_exist() -> None:
    lines = [line for line in PAGE.split("## Kept from 0.1.0")[1].split("\n## ")[0].splitlines() if line[:2] == "- "]
    kept = [KEPT.match(line) for line in lines]
    assert [line for line, found in zip(lines, kept, strict=True) if not found] == []
    named = {name for found in kept if found for name in re.findall(r"`(\w+)`", found[2])}
    assert named - in_tests(DEFINED) == set(), "a test was renamed: give its new name in tests/BEHAVIOURS.md"
    assert len(lines) > 40
