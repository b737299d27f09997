"""Devices and precisions: how they are chosen and refused, and what happens if memory runs out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from core import devices
from core.device_class import model_dtype
from core.devices import SMALL_MODEL_BYTES, Device, auto_dtype, choose_device, limit_threads, memory_errors
from core.errors import DeviceRefused, OutOfMemory


def test_the_cpu_uses_fp32_by_default() -> None:
    assert choose_device("cpu") == Device("cpu", 0, "fp32")
    assert choose_device("cpu", "bf16").torch_dtype() == torch.bfloat16
    assert choose_device("cpu").torch_device() == torch.device("cpu")


@pytest.fixture
def cpu_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Yield a function that gives the CPU these flags."""

    def use(flags: str) -> None:
        file = tmp_path / "cpuinfo"
        file.write_text(f"processor\t: 0\nmodel name\t: avx512_bf16\n{flags}\n\nprocessor\t: 1\nflags\t\t: none\n")
        monkeypatch.setattr(devices, "CPU_INFO", str(file))
        devices.has_fast_bf16.cache_clear()

    yield use
    devices.has_fast_bf16.cache_clear()


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("flags\t\t: fpu avx512f avx512_bf16 amx_tile", "bf16"),
        ("flags\t\t: fpu amx_bf16 amx_tile", "bf16"),
        ("flags\t\t: fpu avx512f avx512_fp16 amx_int8", "fp32"),
        ("Features\t: fp asimd bf16", "fp32"),
    ],
)
def test_auto_is_bf16_for_large_models_on_a_cpu_that_is_fast_in_bf16(
    cpu_with: Callable[[str], None], flags: str, found: str
) -> None:
    cpu_with(flags)
    assert auto_dtype("cpu", SMALL_MODEL_BYTES + 1) == found
    assert auto_dtype("cpu", SMALL_MODEL_BYTES) == auto_dtype("cpu") == choose_device("cpu").dtype_name == "fp32"
    assert auto_dtype("cuda", 2**40) == auto_dtype("mps", 2**40) == "fp16"


def test_auto_is_fp32_if_the_flags_of_the_cpu_are_not_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(devices, "CPU_INFO", str(tmp_path / "none"))
    devices.has_fast_bf16.cache_clear()
    assert auto_dtype("cpu", 2**40) == "fp32"
    devices.has_fast_bf16.cache_clear()


@pytest.mark.parametrize(
    ("kind", "dtype", "size", "found"),
    [
        ("cpu", "auto", SMALL_MODEL_BYTES + 1, "bfloat16"),
        ("cpu", "auto", SMALL_MODEL_BYTES, ""),
        ("cpu", "float32", 2**40, ""),
        ("cuda", "auto", 2**40, ""),
        ("auto on linux", "auto", 2**40, ""),
    ],
)
def test_only_a_large_model_in_auto_on_a_cpu_has_a_precision_of_its_own(
    cpu_with: Callable[[str], None], kind: str, dtype: str, size: int, found: str
) -> None:
    cpu_with("flags\t: avx512_bf16")
    assert model_dtype(kind, dtype, lambda: size) == found
    cpu_with("flags\t: avx512f")
    assert model_dtype(kind, dtype, lambda: size) == ""


def test_auto_finds_an_available_device() -> None:
    device = choose_device()
    torch.zeros(1, device=device.torch_device(), dtype=device.torch_dtype())


@pytest.mark.parametrize(
    ("wanted", "dtype", "words"),
    [
        ("cpu", "fp16", "`float16` cannot be used: on a CPU it is many times slower than float32"),
        ("cpu", "fp8", "`fp8` cannot be used: unknown precision"),
        ("tpu", "auto", "`tpu` cannot be used: unknown device"),
        ("cuda:x", "auto", "`cuda:x` cannot be used: unknown device"),
        ("cpu:1", "auto", "`cpu:1` cannot be used: there is only one cpu"),
    ],
)
def test_the_error_for_an_unavailable_device_or_precision_states_the_reason(
    wanted: str, dtype: str, words: str
) -> None:
    with pytest.raises(DeviceRefused) as caught:
        choose_device(wanted, dtype)
    assert str(caught.value) == words
    assert caught.value.hint


def test_a_missing_cuda_device_is_refused() -> None:
    number = torch.cuda.device_count()
    with pytest.raises(DeviceRefused, match=f"`cuda:{number}` cannot be used: "):
        choose_device(f"cuda:{number}")


@pytest.mark.parametrize(
    ("error", "needed"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0"), 2684354560),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 4096 bytes."), 4096),
        (MemoryError(), None),
    ],
)
def test_every_kind_of_out_of_memory_error_becomes_the_same_error(error: Exception, needed: int | None) -> None:
    with pytest.raises(OutOfMemory) as caught, memory_errors(Device("cpu")):
        raise error
    assert (caught.value.needed, caught.value.device) == (needed, "cpu")
    assert caught.value.hint


def test_a_failed_allocation_in_torch_raises_out_of_memory() -> None:
    with pytest.raises(OutOfMemory), memory_errors(Device("cpu")):
        torch.empty(2**60, dtype=torch.uint8)


def test_errors_other_than_out_of_memory_are_passed_on_unchanged() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_errors(Device("cpu")):
        raise RuntimeError("shapes do not fit")


def test_small_models_run_on_one_thread_and_large_models_on_all_threads() -> None:
    before = torch.get_num_threads()
    with limit_threads(SMALL_MODEL_BYTES - 1):
        assert torch.get_num_threads() == 1
    with limit_threads(SMALL_MODEL_BYTES):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before


def test_large_models_run_on_a_given_number_of_threads() -> None:
    before = torch.get_num_threads()
    with limit_threads(SMALL_MODEL_BYTES, before + 1):
        assert torch.get_num_threads() == before + 1
        with limit_threads(SMALL_MODEL_BYTES - 1, before + 1):
            assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


class Cards:
    """A fake `torch.cuda` with two GPUs and the functions that report memory."""

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


@pytest.mark.parametrize(
    ("wanted", "names"),
    [("auto", ["cuda:0", "cuda:1", "cuda:0"]), ("cuda", ["cuda:0", "cuda:1", "cuda:0"]), ("cpu", ["cpu"] * 3)],
)
def test_workers_get_the_graphics_cards_in_turn(monkeypatch: pytest.MonkeyPatch, wanted: str, names: list[str]) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert [devices.nth_device(wanted, index).name for index in range(3)] == names


@pytest.mark.parametrize(("started", "peak"), [(True, 340), (False, 0)])
def test_peak_memory_is_the_sum_over_all_graphics_cards_in_use(
    monkeypatch: pytest.MonkeyPatch, started: bool, peak: int
) -> None:
    cards = Cards(started=started)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cards))
    assert devices.peak_memory_bytes() == peak
    devices.reset_peak_memory()
    assert devices.peak_memory_bytes() == 0
    assert cards.peaks[0] == (0 if started else 300)


def test_peak_memory_is_0_while_torch_is_not_fully_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    for loaded in (SimpleNamespace(), None):
        monkeypatch.setitem(sys.modules, "torch", loaded)
        devices.reset_peak_memory()
        assert devices.peak_memory_bytes() == 0
