"""The progress and the summary of a script."""

from __future__ import annotations

import itertools

from workflows.tally import Tally


def test_lines_and_images_are_counted() -> None:
    tally = Tally(images=6, lines=3, clock=itertools.count(0.0, 10.0).__next__)
    tally.line(2, reused=True)
    tally.line(1)
    tally.line(2, failed=True)
    assert (tally.done, tally.failed, tally.reused) == (1, 1, 1)
    assert (tally.step, tally.images_made) == ((5, 6), 3)
    assert tally.to_json() == {
        "lines": 3, "done": 1, "failed": 1, "reused": 1, "images_done": 3, "seconds": 10.0, "skipped": 0, "cached": 0,
        "pictures": 3, "quarantined": 0, "results": 0, "cached_results": 0, "images": 0, "limit": "",
    }  # fmt: skip


def test_a_line_counts_as_cached_if_all_its_results_are_cached() -> None:
    tally = Tally(images=0, lines=4, clock=lambda: 0.0)
    for cached in ((True, True), (True, False), (), (True,)):
        for each in cached:
            tally.result(cached=each)
        tally.line(0)
    assert (tally.done, tally.cached, tally.cached_results, tally.results) == (4, 2, 4, 5)


def test_skipped_lines_count_as_finished() -> None:
    tally = Tally(images=3, lines=3, clock=iter([0.0, 8.0]).__next__)
    tally.line(1, skipped=True)
    tally.line(1)
    assert (tally.done, tally.skipped, tally.step, tally.images_made) == (1, 1, (2, 3), 2)
    assert tally.left == 8.0  # only the line that was not skipped took time


def test_progress_is_counted_in_lines_if_a_script_produces_no_images() -> None:
    tally = Tally(images=0, lines=4, clock=lambda: 0.0)
    tally.line(0)
    tally.line(0, failed=True)
    assert tally.step == (2, 4)


def test_the_estimate_of_the_time_left_ignores_reused_lines() -> None:
    now = iter([0.0, 0.0, 8.0])
    tally = Tally(images=0, lines=10, clock=lambda: next(now))
    tally.line(0, reused=True)
    tally.line(0, reused=True)
    assert tally.left is None
    tally = Tally(images=0, lines=10, clock=iter([0.0, 8.0]).__next__)
    for reused in (True, True, False, False):
        tally.line(0, reused=reused)
    assert tally.left == 24.0  # 6 lines are left, at 4 seconds each
