"""The memory and the threads of one of several workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core import available_memory, device_class
from core.available_memory import Share
from core.devices import Device
from invocations.local import LocalSettings
from invocations.local_memory import room_bytes, room_each, share_of, threads
from invocations.run_worker import own_settings

GB = 10**9


def settings_with(**changed: Any) -> LocalSettings:
    return LocalSettings(Path(), Path(), Path(), **{"device": "cpu", **changed})


@pytest.fixture
def cards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this machine have two graphics cards, eight processors and 12 GB of free RAM."""
    monkeypatch.setattr(device_class, "count_cards", lambda device: 2 if device in ("auto", "cuda") else 1)
    monkeypatch.setattr(device_class, "count_processors", lambda: 8)
    monkeypatch.setattr(available_memory, "available_ram", lambda: 12 * GB)
    monkeypatch.setattr("core.devices.choose_device", lambda wanted: Device("cuda", int(wanted[5:] or 0)))
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    for name in device_class.THREADS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("jobs", "device", "share"),
    [
        (1, "cpu", Share()),
        (None, "cpu", Share()),
        (3, "cpu", Share(3, 3, 4 * GB)),
        (None, "cuda", Share(2, 1, 6 * GB)),
        (3, "cuda", Share(3, 2, 4 * GB)),
        (3, "cuda:1", Share(3, 3, 4 * GB)),
    ],
)
def test_the_program_plans_with_the_share_of_its_workers(
    cards: None, jobs: int | None, device: str, share: Share
) -> None:
    assert share_of(settings_with(jobs=jobs, device=device)) == share


@pytest.mark.parametrize(
    ("device", "jobs", "index", "name", "on_card"),
    [
        ("cuda", 3, 0, "cuda:0", 2),
        ("cuda", 3, 1, "cuda:1", 1),
        ("cuda", 3, 2, "cuda:0", 2),
        ("cuda:1", 3, 2, "cuda:1", 3),
        ("cpu", 3, 2, "cpu", 3),
    ],
)
def test_a_worker_shares_its_card_with_the_other_workers_of_this_card(
    cards: None, device: str, jobs: int, index: int, name: str, on_card: int
) -> None:
    own = own_settings(settings_with(device=device, jobs=jobs, room_bytes=GB), index)
    assert (own.device, share_of(own)) == (name, Share(jobs, on_card, GB))


def test_the_memory_of_a_worker_is_not_known_if_that_of_the_machine_is_not(
    cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert room_each(settings_with(jobs=2)) == 6 * GB
    monkeypatch.setattr(available_memory, "available_ram", lambda: None)
    assert room_each(settings_with(jobs=2)) is None


@pytest.mark.parametrize(
    ("device", "changed", "room"),
    [
        ("cpu", {}, 6 * GB),
        ("cpu", {"ram_bytes": 8 * GB, "vram_bytes": GB}, 4 * GB),
        ("cuda:0", {"ram_bytes": GB}, 10 * GB),
        ("cuda:0", {"vram_bytes": 8 * GB}, 8 * GB),
        ("cuda:0", {"vram_bytes": 8 * GB, "on_card": 2}, 4 * GB),
        ("cuda:0", {"on_card": 2}, 8 * GB),
    ],
)
def test_a_worker_reports_the_memory_that_its_models_may_take(
    cards: None, monkeypatch: pytest.MonkeyPatch, device: str, changed: dict[str, int], room: int
) -> None:
    monkeypatch.setattr(available_memory, "available_vram", lambda device: 10 * GB)
    monkeypatch.setattr(available_memory, "total_vram", lambda device: 16 * GB)
    assert room_bytes(settings_with(device=device, jobs=2, **{"on_card": 1, **changed})) == room


def test_a_worker_whose_memory_is_not_known_reports_none(cards: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def unusable(device: Device) -> int:
        raise RuntimeError("no CUDA-capable device is detected")

    monkeypatch.setattr(available_memory, "available_vram", unusable)
    monkeypatch.setattr(available_memory, "available_ram", lambda: None)
    assert [room_bytes(settings_with(device=device, jobs=2)) for device in ("cuda:0", "cpu")] == [0, 0]


def test_large_models_use_as_many_threads_in_the_program_as_in_its_workers(
    cards: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [threads(settings_with(jobs=jobs)) for jobs in (1, 2, 3, 20)] == [0, 4, 2, 1]
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert threads(settings_with(jobs=2)) == 0
