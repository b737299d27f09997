"""Devices and precisions: chosen, refused, and out of memory."""

from __future__ import annotations

import pytest
import torch

from core.devices import SMALL_MODEL_BYTES, Device, choose_device, limit_threads, memory_errors
from core.errors import DeviceRefused, OutOfMemory


def test_the_cpu_computes_in_fp32_unless_told_otherwise() -> None:
    assert choose_device("cpu") == Device("cpu", 0, "fp32")
    assert choose_device("cpu", "bf16").torch_dtype() == torch.bfloat16
    assert choose_device("cpu").torch_device() == torch.device("cpu")


def test_auto_finds_a_device_that_is_there() -> None:
    device = choose_device()
    torch.zeros(1, device=device.torch_device(), dtype=device.torch_dtype())


@pytest.mark.parametrize(
    ("wanted", "dtype", "words"),
    [
        ("cpu", "fp16", "`fp16` cannot be used: on a CPU it is many times slower than fp32"),
        ("cpu", "fp8", "`fp8` cannot be used: no such precision"),
        ("tpu", "auto", "`tpu` cannot be used: no such device"),
        ("cuda:x", "auto", "`cuda:x` cannot be used: no such device"),
        ("cpu:1", "auto", "`cpu:1` cannot be used: there is only one cpu"),
    ],
)
def test_what_does_not_work_is_refused_with_a_reason(wanted: str, dtype: str, words: str) -> None:
    with pytest.raises(DeviceRefused) as caught:
        choose_device(wanted, dtype)
    assert str(caught.value) == words
    assert caught.value.hint


def test_a_cuda_device_that_is_not_there_is_refused() -> None:
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
def test_every_way_of_running_out_of_memory_is_one_error(error: Exception, needed: int | None) -> None:
    with pytest.raises(OutOfMemory) as caught, memory_errors(Device("cpu")):
        raise error
    assert (caught.value.needed, caught.value.device) == (needed, "cpu")
    assert caught.value.hint


def test_really_running_out_of_memory_is_that_error() -> None:
    with pytest.raises(OutOfMemory), memory_errors(Device("cpu")):
        torch.empty(2**60, dtype=torch.uint8)


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), memory_errors(Device("cpu")):
        raise RuntimeError("shapes do not fit")


def test_small_models_compute_with_one_thread_and_large_ones_with_all() -> None:
    before = torch.get_num_threads()
    with limit_threads(SMALL_MODEL_BYTES - 1):
        assert torch.get_num_threads() == 1
    with limit_threads(SMALL_MODEL_BYTES):
        assert torch.get_num_threads() == before
    assert torch.get_num_threads() == before
