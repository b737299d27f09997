"""The progress of a loop, and the estimated time left for all of its runs."""

from __future__ import annotations

import pytest

from workflows.loop_tally import LoopTally


class Clock:
    """A clock whose time is set by the tests."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def loop(whole: int = 12) -> tuple[LoopTally, Clock]:
    clock = Clock()
    return LoopTally("image", whole, clock), clock


def test_progress_includes_the_finished_part_of_the_current_run() -> None:
    tally, _ = loop()
    tally.started(2)
    tally.advanced(1, 4)
    assert (tally.number, tally.step) == (3, (2.25, 12))
    tally.ended()
    assert (tally.number, tally.step) == (3, (3, 12))


def test_the_estimate_covers_all_remaining_runs() -> None:
    tally, clock = loop(3)
    tally.started(0)
    for step in range(1, 5):
        clock.now = 10.0 * step
        tally.advanced(step, 4)
    assert tally.left == 80.0  # 2 runs of 40 seconds
    tally.ended()
    tally.started(1)
    clock.now = 60.0
    tally.advanced(2, 4)
    assert tally.left == 60.0


def test_the_estimate_ignores_the_time_before_the_first_step() -> None:
    tally, clock = loop(2)
    tally.started(0)
    clock.now = 100.0  # a model was loaded
    tally.advanced(1, 4)
    assert tally.left is None
    clock.now = 102.0
    tally.advanced(2, 4)
    assert tally.left == 12.0  # 6 steps of 2 seconds


def test_runs_without_steps_are_timed_from_start_to_end() -> None:
    tally, clock = loop(4)
    tally.started(0)
    assert tally.left is None
    clock.now = 5.0
    tally.ended()
    tally.started(1)
    assert tally.left == 15.0
    clock.now = 9.0
    assert tally.left == 15.0  # the estimate changes only when the run ends


def test_the_estimate_ignores_cached_runs() -> None:
    tally, clock = loop(6)
    for ended in range(3):
        tally.started(ended)
        tally.ended(cached=True)
    assert tally.left is None
    tally.started(3)
    clock.now = 7.0
    tally.ended()
    assert tally.left == 14.0


def test_a_resumed_loop_counts_the_earlier_runs_but_not_their_time() -> None:
    tally, clock = loop(12)
    tally.started(8)
    assert tally.step == (8, 12)
    clock.now = 2.0
    tally.ended()
    assert tally.left == 6.0


def test_no_time_is_left_after_the_last_run() -> None:
    tally, clock = loop(1)
    tally.started(0)
    clock.now = 2.0
    tally.ended()
    assert tally.left is None
    assert tally.step == (1, 1)


def test_runs_in_progress_at_once_are_each_counted() -> None:
    tally, clock = loop(4)
    for run in range(4):
        tally.started(0, run)
    for run in range(4):
        tally.advanced(1, 4, run)
    assert (tally.step, tally.left) == ((1.0, 4), None)  # the pace is measured from here
    clock.now += 3
    for run in range(4):
        tally.advanced(2, 4, run)
    assert (tally.step, tally.left) == ((2.0, 4), 6)
    tally.ended(0)
    tally.ended(2)
    assert tally.step == (3.0, 4)
    tally.ended(1)
    tally.ended(3)
    assert (tally.step, tally.made, tally.left) == ((4, 4), 4, None)


def test_the_last_runs_take_as_long_as_one_run_however_many_workers_there_are() -> None:
    tally, clock = loop(3)
    for run in (0, 1):
        tally.started(0, run)
    for run in (0, 1):
        tally.advanced(1, 10, run)
    clock.now += 9
    for run in (0, 1):
        tally.advanced(10, 10, run)
        tally.ended(run)
    tally.started(2, 2)
    clock.now += 1
    tally.advanced(1, 10, 2)
    # a run takes ten seconds, although two runs took nine seconds together
    assert tally.left == pytest.approx(9.0)


def test_a_run_that_starts_while_another_is_in_progress_does_not_take_its_place() -> None:
    tally, _ = loop(3)
    tally.started(0, "first")
    tally.started(0, "second")
    tally.ended("second")
    assert tally.number == 2
    tally.started(1, "third")
    assert (tally.finished, tally.number) == (1, 2)
    tally.ended("third")
    tally.ended("first")
    assert tally.finished == 3
