"""The time and memory of a session's nodes as rows and as data."""

from __future__ import annotations

import pytest

from invocations.storing.totals import RunTotals, SessionTotals
from workflows.session_totals import totals_data, totals_row


@pytest.mark.parametrize(
    ("counts", "text"),
    [((1, 0, 0), "run"), ((4, 0, 1), "run 3 x, failed"), ((2, 3, 2), "cached 3 x, failed 2 x"), ((0, 1, 0), "cached")],
)
def test_a_row_says_how_often_a_node_ran_was_cached_and_failed(counts: tuple[int, int, int], text: str) -> None:
    assert totals_row(RunTotals("blur", "blur", *counts, 1.5)) == (text, "1.5 s", "")


def test_a_row_shows_the_peak_of_the_memory_and_its_increase() -> None:
    found = RunTotals("blur", "blur", 1, 0, 0, 1.5, 2_000_000_000, 300_000_000)
    assert totals_row(found)[2] == "2.0 GB +300 MB"
    on_gpu = RunTotals("blur", "blur", 1, 0, 0, 1.5, 2_000_000_000, 300_000_000, 4_000_000_000)
    assert totals_row(on_gpu)[2] == "2.0 GB +300 MB; GPU 4.0 GB"


def test_memory_that_was_not_measured_is_null_in_the_data() -> None:
    command, node = RunTotals("", "blur", 2, seconds=3.0), RunTotals("blur", "blur", 2, 0, 0, 3.0, 9, 8, 7)
    assert totals_data("2026-a", SessionTotals((command,), (node,), 1, 3.0)) == {
        "session": "2026-a",
        "commands": {
            "blur": {
                "run": 2, "reused": 0, "failed": 0, "seconds": 3.0,
                "peak_bytes": None, "grown_bytes": None, "device_bytes": None,
            }
        },
        "nodes": [
            {
                "node": "blur", "type": "blur", "run": 2, "reused": 0, "failed": 0, "seconds": 3.0,
                "peak_bytes": 9, "grown_bytes": 8, "device_bytes": 7,
            }
        ],
    }  # fmt: skip
