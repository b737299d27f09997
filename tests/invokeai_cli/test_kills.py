"""A sample of `make kills`: a script killed while writing journal entries is resumed and ends normally."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from tests.attacks.kills import Attack

KILLS = 24


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_script_killed_at_any_kind_of_journal_entry_produces_the_files_of_an_undisturbed_run(tmp_path: Path) -> None:
    attack = Attack(tmp_path, random.Random(1), generated=False)
    report = attack.run(KILLS)
    assert report.wrong == []
    assert report.kills == KILLS
    assert {hit.split()[0] for hit in report.hits} == {*attack.kinds}
    assert {*attack.kinds} >= {
        "extension", "started", "claimed", "finished", "node_failed", "line_ended", "retried", "node_skipped",
        "log", "forgotten",
    }  # fmt: skip
