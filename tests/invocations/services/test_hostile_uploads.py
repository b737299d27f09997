"""Whatever is sent as an image is stored as a PNG or refused with an error of its own (`make attack` sends more)."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from tests.attacks.hostile_uploads import MAX_PIXELS, attack, bombs, hostile_files, polyglots, sound_files

KNOWN = {"received", "image_unreadable", "image_too_large", "upload_too_large", "out_of_memory"}


def test_hostile_files_are_refused_without_a_traceback_a_file_outside_or_unlimited_memory(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = len([*bombs(), *polyglots(), *sound_files()]) + 40
    outcomes, _ = attack(count, 7, tmp_path)
    assert set(outcomes) <= KNOWN
    assert outcomes["received"] >= len(sound_files()) - 2
    assert outcomes["image_too_large"] >= 4
    unit = 1 if sys.platform == "darwin" else 1024
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit
    assert grown < 40 * MAX_PIXELS  # a few copies of the largest image, with 4 bytes for each pixel


def test_the_files_of_an_attack_depend_only_on_its_seed() -> None:
    assert [*hostile_files(90, 1)][-5:] == [*hostile_files(90, 1)][-5:]
    assert [*hostile_files(90, 1)][-5:] != [*hostile_files(90, 2)][-5:]
