"""The list of sessions as a table and as data."""

from __future__ import annotations

from invocations.storing.base import SessionInfo
from workflows.session_list import COLUMNS, info_data, info_row
from workflows.shown_text import local_time

INFO = SessionInfo(
    "2026-a", 1.0, 2.0, 9, 5, "t2i  a\nfox", nodes=7, failed=3, bytes=14_000, imported=True, cancelled=1, open=2
)


def test_a_row_counts_the_lines_that_failed_were_interrupted_or_are_unfinished() -> None:
    lines = "5, 2 failed, 1 interrupted, 2 unfinished, imported"
    assert info_row(INFO) == ("2026-a", local_time(2.0), lines, "7", "14.0 kB", "t2i a fox")
    assert len(info_row(INFO)) == len(COLUMNS)


def test_a_row_of_a_session_without_failures_has_only_the_number_of_lines() -> None:
    assert info_row(SessionInfo("2026-a", 1.0, 2.0, 9, 5))[2] == "5"


def test_the_data_of_a_session_count_interrupted_lines_among_the_failed_ones() -> None:
    assert info_data(INFO) == {
        "id": "2026-a", "created": 1.0, "changed": 2.0, "lines": 5, "failed": 3, "nodes": 7, "bytes": 14_000,
        "first_line": "t2i  a\nfox", "imported": True, "interrupted": 1, "unfinished": 2,
        "title": "", "pinned": False,
    }  # fmt: skip
