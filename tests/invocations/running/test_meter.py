"""The memory that a node uses is measured, reported as an event and stored in the session."""

from __future__ import annotations

from pathlib import Path

import pytest

from invocations.events import NodeFinished
from invocations.running import meter
from invocations.running.meter import Meter
from invocations.storing.entries import entry_from_json, entry_to_json

MEGABYTE = 1_000_000
DONE = NodeFinished("s", "1", "blur", (), 1.0, {}, 0.5, False, {})


def take(megabytes: int) -> None:
    """Allocate and release the given amount of memory."""
    held = bytearray(megabytes * MEGABYTE)
    held[::4096] = b"x" * len(held[::4096])


def test_released_memory_counts_towards_the_peak() -> None:
    measured = Meter()
    take(64)
    used = measured.read()
    assert used.grown > 60 * MEGABYTE
    assert used.peak > used.grown


@pytest.mark.skipif(not Path(meter.CLEAR).exists(), reason="only Linux forgets a peak")
def test_memory_used_by_an_earlier_node_does_not_count() -> None:
    take(64)
    measured = Meter()
    take(8)
    assert measured.read().grown < 40 * MEGABYTE


def test_if_the_peak_cannot_be_reset_the_peak_of_the_process_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(meter, "CLEAR", str(tmp_path / "nowhere"))
    measured = Meter()
    used = measured.read()
    assert used.peak > MEGABYTE
    assert used.grown >= 0


@pytest.mark.parametrize(
    "entry", [DONE, NodeFinished(*(getattr(DONE, name) for name in NodeFinished.__match_args__[:9]), 9, 5, 3)]
)
def test_the_measurements_are_stored_in_the_session(entry: NodeFinished) -> None:
    data = entry_to_json(entry)
    assert entry_from_json(data, "s") == entry
    assert ("bytes" in data) == bool(entry.peak_bytes)


def test_an_older_session_has_no_measurements() -> None:
    data = {"entry": "finished", "node": "1", "type": "add", "time": 1.0, "outputs": {}, "seconds": 0.5}
    entry = entry_from_json(data, "s")
    assert isinstance(entry, NodeFinished)
    assert (entry.peak_bytes, entry.grown_bytes, entry.device_bytes) == (0, 0, 0)


def test_mapped_files_do_not_count_as_private_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "statm").write_text("900 700 300 1 0 500 0")
    monkeypatch.setattr(meter, "SIZES", str(tmp_path / "statm"))
    page = meter.resident_bytes() // 700
    assert (meter.resident_bytes(), meter.private_bytes()) == (700 * page, 400 * page)
    monkeypatch.setattr(meter, "SIZES", str(tmp_path / "none"))
    assert (meter.resident_bytes(), meter.private_bytes()) == (0, 0)
