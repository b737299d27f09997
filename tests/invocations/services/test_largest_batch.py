"""How many images fit into memory at once, judged by what earlier runs took."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model_paths import DEFAULT_PATH
from core.models.card import ModelCard
from core.models.catalog import card_at
from invocations.services.models.fit import Fits
from invocations.services.models.local import LocalModels
from invocations.services.models.peaks import Peaks

MB = 10**6
SIZE = (96, 96)
WEIGHTS = 14 * MB  # of the default model, rounded down


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
    assert known.largest_batch(card, "state", SIZE) == 1
    known.keep(card, "state", SIZE, "denoise", 400 * MB)
    assert known.largest_batch(card, "state", SIZE) == most
    assert known.largest_batch(card, "state", (128, 128)) == 1


def test_on_a_cpu_a_large_model_gains_nothing_from_batches(
    tmp_path: Path, card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = fits(tmp_path, 10**10)
    known.keep(card, "state", SIZE, "denoise", 400 * MB)
    monkeypatch.setattr("core.devices.SMALL_MODEL_BYTES", card.size_bytes)
    assert known.largest_batch(card, "state", SIZE) == 1


def test_the_model_service_knows_the_largest_batch_of_a_model(tmp_path: Path) -> None:
    known = fits(tmp_path, 800 * MB)
    models = LocalModels(fits=lambda: known)
    ref = models.find("default")
    models.keep_peak(ref, SIZE, "whole", "denoise", 400 * MB)
    assert models.largest_batch(ref, SIZE) == 2
    assert LocalModels().largest_batch(ref, SIZE) == 1
