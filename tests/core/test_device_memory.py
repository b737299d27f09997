"""The peak on graphics cards: asked of torch only where it is loaded and a card is at work."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from core import devices


class Cards:
    """Two cards as torch shows them."""

    def __init__(self, *, started: bool) -> None:
        self.started = started
        self.peaks = {0: 300, 1: 40}

    def is_initialized(self) -> bool:
        return self.started

    def device_count(self) -> int:
        return len(self.peaks)

    def reset_peak_memory_stats(self, index: int) -> None:
        self.peaks[index] = 0

    def max_memory_allocated(self, index: int) -> int:
        return self.peaks[index]


@pytest.mark.parametrize(("started", "peak"), [(True, 340), (False, 0)])
def test_the_peaks_of_all_cards_at_work_count(monkeypatch: pytest.MonkeyPatch, started: bool, peak: int) -> None:
    cards = Cards(started=started)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cards))
    assert devices.peak_memory_bytes() == peak
    devices.reset_peak_memory()
    assert devices.peak_memory_bytes() == 0
    assert cards.peaks[0] == (0 if started else 300)


def test_torch_that_is_not_loaded_or_only_half_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for loaded in (SimpleNamespace(), None):
        monkeypatch.setitem(sys.modules, "torch", loaded)
        devices.reset_peak_memory()
        assert devices.peak_memory_bytes() == 0
