"""The peaks of runs are kept in parallel runs, and those of runs that never end are dropped."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from invocations.services.models import peaks as module
from invocations.services.models.peaks import MAX_HELD, MAX_OPEN, Kind, OpenRuns, Peak, Peaks
from tests.at_once import forked_at_once, threaded_at_once

SIZE = (512, 512)
KIND = Kind("model 0", "cpu float32", SIZE)


def kinds(count: int) -> list[Kind]:
    return [Kind(f"model {number}", "cpu float32", SIZE) for number in range(count)]


def test_peaks_measured_by_several_threads_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "new" / "peaks.json"
    shared, found = Peaks(path), kinds(16)
    threaded_at_once(
        16, lambda number: (shared if number % 2 else Peaks(path)).add(found[number], ("decode", number + 1))
    )
    assert [shared.of(kind) for kind in found] == [Peak(number + 1, 1) for number in range(16)]
    threaded_at_once(16, lambda number: shared.add(KIND, ("decode", 7)))
    assert shared.of(KIND) == Peaks(path).of(KIND) == Peak(7, 17)
    assert {each.name for each in path.parent.iterdir()} == {"peaks.json", "peaks.json.lock"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_peaks_measured_by_several_processes_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "peaks.json"
    assert forked_at_once(8, lambda number: Peaks(path).add(KIND, ("decode", 7))) == [0] * 8
    assert Peaks(path).of(KIND) == Peak(7, 8)


def test_a_file_of_peaks_that_cannot_be_read_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "peaks.json"
    Peaks(path).add(KIND, ("decode", 7))

    def refuse(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(module, "read_bytes", refuse)
        Peaks(path).add(KIND, ("decode", 9))
        assert Peaks(path).of(KIND) is None
    assert Peaks(path).of(KIND) == Peak(7, 1)


@pytest.mark.parametrize(
    "other",
    [
        Kind("model 1", "cpu float32", SIZE),
        Kind("model 0", "cuda float32", SIZE),
        Kind("model 0", "cpu bfloat16", SIZE),
        Kind("model 0", "cpu float32", (512, 520)),
    ],
    ids=["model", "device", "precision", "size"],
)
def test_a_canceled_run_is_not_stored_when_another_kind_of_run_ends(other: Kind, tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "peaks.json")
    runs = OpenRuns(peaks)
    for kind, node, size, place in ((KIND, "denoise", 9, "start"), (other, "denoise", 5, "start"),
                                    (other, "decode", 4, "end")):  # fmt: skip
        runs.add(kind, node, size, place)
    assert (peaks.of(KIND), peaks.of(other)) == (None, Peak(5, 1))
    runs.add(KIND, "decode", 4, "end")
    assert peaks.of(KIND) == Peak(9, 1)


def test_runs_that_never_end_are_held_up_to_a_limit(tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "peaks.json")
    runs, found = OpenRuns(peaks), kinds(MAX_OPEN + 1)
    for kind in found:
        runs.add(kind, "denoise", 9, "start")
    for number in range(3 * MAX_HELD):
        runs.add(found[1], "denoise", number + 1, "start")
    assert len(runs._held) == MAX_OPEN
    assert max(map(len, runs._held.values())) == MAX_HELD
    for kind in found:
        runs.add(kind, "decode", 4, "end")
    assert [peaks.of(kind) is None for kind in found] == [True] + [False] * MAX_OPEN


def test_peaks_held_by_several_threads_at_once_are_all_kept(tmp_path: Path) -> None:
    peaks = Peaks(tmp_path / "peaks.json")
    runs = OpenRuns(peaks)
    threaded_at_once(16, lambda number: runs.add(KIND, "denoise", 9, "start"))
    runs.add(KIND, "decode", 4, "end")
    assert peaks.of(KIND) == Peak(9, 16)
