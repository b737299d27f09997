"""A sample of `make kills`: a coordinator that is killed with -9 and started again runs the queue to its proper end."""

from __future__ import annotations

import random
from pathlib import Path

from tests.attacks.queue_kills import Attack

KILLS = 3


def test_a_queue_ends_as_it_should_although_its_coordinator_is_killed(tmp_path: Path) -> None:
    report = Attack(tmp_path, random.Random(7)).run(KILLS)
    assert report.wrong == []
    assert report.kills == KILLS
