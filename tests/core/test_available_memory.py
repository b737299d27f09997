"""How much memory is available, with faked figures of the operating system."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from core import available_memory
from core.available_memory import available_ram, available_vram
from core.devices import Device

FREE = 8_000_000  # kB


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    folder = tmp_path / "proc"
    (folder / "self").mkdir(parents=True)
    (folder / "meminfo").write_text(f"MemTotal: 16000000 kB\nMemFree: 100 kB\nMemAvailable:   {FREE} kB\n")
    (folder / "self" / "cgroup").write_text("0::/\n")
    return folder


def group(folder: Path, **files: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"memory.{name}").write_text(f"{text}\n")


def test_without_a_control_group_it_is_what_the_system_reports(proc: Path, tmp_path: Path) -> None:
    assert available_ram(proc, tmp_path / "none") == FREE * 1024
    (proc / "self" / "cgroup").unlink()
    assert available_ram(proc, tmp_path / "none") == FREE * 1024


@pytest.mark.parametrize(
    ("limit", "left"),
    [("max", FREE * 1024), (5_000_000, 5_000_000 - 3_000_000 + 1_000_000), (1_000_000, 0), (2**62, FREE * 1024)],
)
def test_a_limit_of_a_control_group_is_respected(proc: Path, tmp_path: Path, limit: object, left: int) -> None:
    (proc / "self" / "cgroup").write_text("0::/user/job\n")
    group(tmp_path / "groups", max="max", current=0)
    group(
        tmp_path / "groups" / "user",
        max=limit,
        current=3_000_000,
        stat="anon 2000000\nactive_file 600000\ninactive_file 400000",
    )
    group(tmp_path / "groups" / "user" / "job", max="max", current=10)
    assert available_ram(proc, tmp_path / "groups") == left


def test_a_limit_of_a_control_group_of_version_1_is_respected(proc: Path, tmp_path: Path) -> None:
    (proc / "self" / "cgroup").write_text("12:cpu:/job\n4:memory:/job\n")
    stat = "active_file 1\ninactive_file 1\ntotal_active_file 100\ntotal_inactive_file 400"
    group(tmp_path / "memory" / "job", limit_in_bytes=9_000, usage_in_bytes=2_000, stat=stat)
    assert available_ram(proc, tmp_path) == 7_500


def test_on_other_systems_it_is_half_of_the_installed_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"SC_PHYS_PAGES": 1000, "SC_PAGE_SIZE": 4096}
    monkeypatch.setattr(available_memory.os, "sysconf", lambda name: sizes[name])
    assert available_ram(tmp_path, tmp_path) == 2_048_000
    monkeypatch.delattr(available_memory.os, "sysconf")
    assert available_ram(tmp_path, tmp_path) is None


def test_on_a_graphics_card_memory_that_torch_has_cached_is_available(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(
        mem_get_info=lambda index: (1000 * index, 9000),
        memory_reserved=lambda index: 300,
        memory_allocated=lambda index: 100,
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert available_vram(Device("cuda", 2)) == 2200
