"""The total progress of a script or a loop in words."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from workflows.loop_tally import LoopTally
from workflows.total_progress import LoopTotal, Total


@dataclass
class Images:
    """A tally whose numbers are set by the tests."""

    number: int
    step: tuple[float, int]
    left: float | None = None
    unit: str = "image"


@pytest.mark.parametrize(
    ("seconds", "pace", "left"),
    [(20.0, "2.0 s/image", "20.0 s left"), (5.0, "2.0 images/s", "5.0 s left"), (None, "", "")],
)
def test_the_label_the_pace_and_the_time_left_follow_from_the_tally(
    seconds: float | None, pace: str, left: str
) -> None:
    total = Total(Images(3, (2.0, 12), seconds))
    assert (total.label, total.pace, total.left) == ("image 3 of 12", pace, left)


def test_nothing_is_left_after_the_last_image() -> None:
    total = Total(Images(12, (12.0, 12), 0.0))
    assert (total.pace, total.left) == ("", "")


def test_each_tenth_of_the_progress_is_announced_once() -> None:
    images = Images(1, (0.0, 20), 10.0)
    total = Total(images)
    found = []
    for done in range(21):
        images.step = float(done), 20
        found.append(total.announcement())
    assert [text.split("  ")[0] for text in found if text] == [
        f"{percent} % ({percent // 5} of 20 images)" for percent in range(10, 101, 10)
    ]


def test_the_progress_of_fewer_than_ten_images_is_not_announced() -> None:
    assert Total(Images(9, (9.0, 9))).announcement() == ""


def test_in_a_short_loop_the_finished_part_of_the_current_run_counts() -> None:
    tally = LoopTally("image", 4, lambda: 0.0)
    total = LoopTotal(tally)
    assert total.is_short
    tally.started(1)
    tally.advanced(1, 2)
    assert total.announcement().startswith("37 % (1 of 4 images)")
    tally.ended()
    assert not total.is_over
    tally.started(3)
    tally.ended()
    assert total.is_over


def test_each_finished_image_is_reported_once() -> None:
    images = Images(1, (0.0, 3), 6.0)
    total = Total(images)
    found = []
    for done in (0, 1, 1, 3):
        images.step = float(done), 3
        found.append(total.each())
    assert found == ["", "1 of 3 images finished  3.0 s/image  6.0 s left", "", "3 of 3 images finished"]


def test_a_part_of_an_image_is_not_reported_as_finished() -> None:
    tally = LoopTally("image", 1, lambda: 0.0)
    tally.started(0)
    tally.advanced(9, 10)
    total = LoopTotal(tally)
    assert total.each() == ""
    tally.ended()
    assert total.each() == "1 of 1 image finished"
