"""How many images fit into memory at once, judged by what earlier runs took."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models.card import ModelCard
from core.models.catalog import card_at
from invocations.local import LocalServices, LocalSettings
from invocations.services.models.batch_peaks import BatchPeaks
from invocations.services.models.fit import Fits
from invocations.services.models.local import LocalModels
from invocations.services.models.peaks import Kind, Peaks
from invocations.values import LatentsRef

MB = 10**6
SIZE = (96, 96)
NODE = "denoise"


@pytest.fixture
def card() -> ModelCard:
    return card_at(DEFAULT_PATH, name="default")


def fits(folder: Path, free: int | None) -> Fits:
    return Fits("cpu", "float32", Peaks(folder / "peaks.json"), lambda device: free)


@pytest.mark.parametrize(
    ("free", "most"), [(None, 1), (399 * MB, 1), (400 * MB, 1), (800 * MB, 2), (2000 * MB, 5)], ids=str
)
def test_as_many_images_fit_as_earlier_runs_tell(tmp_path: Path, card: ModelCard, free: int | None, most: int) -> None:
    known = fits(tmp_path, free)
    assert known.largest_batch(card, "state", SIZE, NODE) == 1
    known.keep(card, "state", SIZE, NODE, 400 * MB)
    assert known.largest_batch(card, "state", SIZE, NODE) == most
    assert known.largest_batch(card, "state", (128, 128), NODE) == 1
    assert known.largest_batch(card, "state", SIZE, "other") == 1


@pytest.mark.parametrize(
    ("taken", "free", "most"),
    [
        ({}, 10_000, 1),
        ({1: 700}, 999, 1),  # of which 200 are the weights: 500 an image
        ({1: 700}, 1200, 2),
        ({4: 1000}, 1200, 5),  # 200 an image
        ({4: 1000}, 400, 1),
        ({4: 1000}, 100, 1),
        ({1: 700, 4: 1000}, 1099, 4),  # 100 an image and 600 for all
        ({1: 700, 4: 1000}, 1100, 5),
        ({1: 700, 4: 1000}, 999, 3),
        ({2: 800, 4: 1000, 8: 1400}, 1400, 8),
        ({2: 800, 4: 790}, 810, 12),  # no growth was measured
    ],
    ids=str,
)
def test_the_memory_for_each_image_is_learned_from_batches(taken: dict[int, int], free: int, most: int) -> None:
    assert BatchPeaks(taken, {}).largest(free, 200) == most


@pytest.mark.parametrize("fixed", [0, 300])
@pytest.mark.parametrize("each", [70, 400, 1000])
def test_the_number_of_images_converges(fixed: int, each: int) -> None:
    weights, free, taken = 500, 4000, {}
    sizes = [1]
    for _ in range(5):
        taken[sizes[-1]] = weights + fixed + each * sizes[-1]
        sizes.append(BatchPeaks(taken, {}).largest(free, weights))
    assert sizes[2:] == [(free - weights - fixed) // each] * 4


def test_what_batches_took_is_kept_apart_from_single_runs(tmp_path: Path, card: ModelCard) -> None:
    known = fits(tmp_path, 1700 * MB)
    known.keep_batch(card, "state", SIZE, NODE, 4, 814 * MB)
    assert known.largest_batch(card, "state", SIZE, NODE) == 8  # about 200 MB an image
    kind = Kind("state", "cpu float32", SIZE)
    peaks = Peaks(tmp_path / "peaks.json")
    assert (peaks.of(kind), peaks.by_size(kind)) == (None, {})
    assert peaks.of_batches(kind, NODE) == BatchPeaks({4: 814 * MB}, {})
    assert peaks.of_batches(kind, "other") == BatchPeaks({}, {})


def test_a_batch_that_ran_out_of_memory_is_halved_in_later_runs_until_more_is_free(
    tmp_path: Path, card: ModelCard
) -> None:
    fits(tmp_path, 1000 * MB).keep_batch(card, "state", SIZE, NODE, 8, None)
    for free, wanted, found in ((None, 8, 4), (900, 8, 4), (1100, 8, 4), (1101, 8, 8), (900, 3, 3), (900, 16, 4)):
        known = fits(tmp_path, None if free is None else free * MB)
        assert (free, known.largest_batch(card, "state", SIZE, NODE, wanted=wanted)) == (free, found)
    assert fits(tmp_path, 900 * MB).largest_batch(card, "state", (64, 64), NODE, wanted=8) == 8
    known.keep(card, "state", SIZE, NODE, 30 * MB)
    assert known.largest_batch(card, "state", SIZE, NODE) == 4
    assert known.largest_batch(card, "state", SIZE, NODE, free=5000 * MB) > 8
    known.keep_batch(card, "state", SIZE, NODE, 3, None)
    assert known.largest_batch(card, "state", SIZE, NODE, wanted=8) == 2


def test_on_a_cpu_a_large_model_gains_nothing_from_batches(
    tmp_path: Path, card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fits(tmp_path, 10**10)
    known.keep(card, "state", SIZE, NODE, 400 * MB)
    monkeypatch.setattr("core.devices.SMALL_MODEL_BYTES", card.size_bytes)
    assert known.largest_batch(card, "state", SIZE, NODE) == 1
    assert known.largest_batch(card, "state", SIZE, NODE, wanted=3) == 3


def test_the_model_service_knows_the_largest_batch_of_a_model(tmp_path: Path) -> None:
    known = fits(tmp_path, 800 * MB)
    models = LocalModels(fits=lambda: known)
    ref = models.find("default")
    models.runs.keep_peak(ref, SIZE, "whole", NODE, 400 * MB)
    assert models.largest_batch(ref, SIZE, NODE) == 2
    assert models.largest_batch(ref, SIZE, NODE, wanted=7) == 7
    models.ran_out(ref, SIZE, NODE, 7)
    assert models.largest_batch(ref, SIZE, NODE, wanted=7) == 4
    assert LocalModels().largest_batch(ref, SIZE, NODE) == 1


def test_the_services_keep_the_peak_of_a_batch(tmp_path: Path) -> None:
    services = LocalServices(LocalSettings(tmp_path, tmp_path, tmp_path, device="cpu"))
    model = services.models.find("default")
    noise = LatentsRef("0" * 64, *SIZE)
    for batch, size in ((4, 900 * MB), (1, 300 * MB)):
        services.measured(
            NODE, {"model": model, "noise": noise}, {"latents": noise}, peak_bytes=services._start_bytes + size,
            device_bytes=0, batch=batch,
        )  # fmt: skip
    (nodes,) = Peaks(tmp_path / "peaks.json")._read().values()
    assert nodes == {f"{NODE} 4": [900 * MB]}  # the single run is kept with its image
