"""A sample of `make kills`: a server that is killed with -9 and started again runs the queue to its proper end."""

from __future__ import annotations

import random
from pathlib import Path

from tests.attacks.queue_kills import Attack, serve_web

KILLS = 2


def test_every_queued_session_ends_as_it_should_although_the_server_is_killed(tmp_path: Path) -> None:
    report = Attack(tmp_path, random.Random(3), serve_web).run(KILLS)
    assert report.wrong == []
    assert report.kills == KILLS
