"""Choose a device and a precision; manage the device's memory and threads. torch is imported on first use."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from .errors import DeviceRefused, OutOfMemory

if TYPE_CHECKING:
    import torch

KINDS = ("cuda", "mps", "cpu")
DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
SMALL_MODEL_BYTES = 64 * 2**20
DEFAULT_DTYPE = {"cuda": "fp16", "mps": "fp16", "cpu": "fp32"}
CPU_INFO = "/proc/cpuinfo"
BF16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


@dataclass(frozen=True, slots=True)
class Device:
    """A device and the precision of the models on it; `dtype_name` is fp32, fp16 or bf16.

    threads: the number of threads for large models; 0 for as many as torch chooses
    """

    kind: str
    index: int = 0
    dtype_name: str = "fp32"
    threads: int = 0

    @property
    def name(self) -> str:
        """The name of the device in torch: `cuda:1`, `cpu`."""
        return f"{self.kind}:{self.index}" if self.kind == "cuda" else self.kind

    def torch_device(self) -> torch.device:
        """Return the device as a torch.device."""
        import torch

        return torch.device(self.name)

    def torch_dtype(self) -> torch.dtype:
        """Return the precision as a torch.dtype."""
        import torch

        dtype = getattr(torch, DTYPES[self.dtype_name])
        assert isinstance(dtype, torch.dtype)
        return dtype


def choose_device(wanted: str = "auto", dtype: str = "auto", threads: int = 0) -> Device:
    """Resolve `auto`, `cpu`, `mps`, `cuda` or `cuda:1` and a precision to a device that is available.

    The precision `auto` is resolved for a small model; `auto_dtype` returns that of any other model. threads: see
    `Device`

    Raises: DeviceRefused.
    """
    kind, _, index = (_best() if wanted == "auto" else wanted).partition(":")
    if kind not in KINDS or (index and not index.isdecimal()):
        raise DeviceRefused(wanted, "unknown device", "use auto, cuda, cuda:1, mps or cpu")
    if dtype != "auto" and dtype not in DTYPES:
        raise DeviceRefused(dtype, "unknown precision", "use auto, float32, bfloat16 or float16")
    number = int(index or 0)
    _check_presence(kind, number, wanted)
    dtype_name = auto_dtype(kind) if dtype == "auto" else dtype
    check_precision(kind, dtype_name)
    return Device(kind, number, dtype_name, threads)


def nth_device(wanted: str, index: int) -> Device:
    """Return the device for one of several workers; graphics cards are given to them in turn. Raises: DeviceRefused."""
    import torch

    device = choose_device(wanted)
    return replace(device, index=index % torch.cuda.device_count()) if device.kind == "cuda" else device


def auto_dtype(kind: str, size_bytes: int = 0) -> str:
    """Return the precision that `auto` stands for on a kind of device, for a model whose weights have this size.

    Only on a CPU with fast bfloat16 does it depend on the size. A small model stays in fp32: it is fast enough, and its
    results do not depend on the CPU.
    """
    in_bf16 = kind == "cpu" and size_bytes > SMALL_MODEL_BYTES and has_fast_bf16()
    return "bf16" if in_bf16 else DEFAULT_DTYPE[kind]


@cache
def has_fast_bf16() -> bool:
    """Return True if the CPU multiplies matrices in bfloat16 faster than in fp32; False if that is not known."""
    with suppress(OSError), open(CPU_INFO, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, flags = line.partition(":")
            if name.strip() == "flags":
                return not BF16_FLAGS.isdisjoint(flags.split())
    return False


@contextmanager
def memory_errors(device: Device) -> Iterator[None]:
    """Convert every kind of out-of-memory error that torch raises to OutOfMemory."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise OutOfMemory(_requested_bytes(str(error)), device.name) from error
    except RuntimeError as error:
        # The CPU allocator has no error class of its own, only these messages.
        if "can't allocate memory" not in str(error) and "not enough memory" not in str(error):
            raise
        raise OutOfMemory(_requested_bytes(str(error)), device.name) from error
    except MemoryError as error:
        raise OutOfMemory(None, device.name) from error


def empty_cache(device: Device) -> None:
    """Release the memory that torch has cached on the device, and what the process has kept."""
    import gc

    import torch

    from .freed_memory import return_freed_memory

    gc.collect()
    if device.kind == "cuda":
        torch.cuda.empty_cache()
    elif device.kind == "mps":
        torch.mps.empty_cache()
    return_freed_memory()


def reset_peak_memory() -> None:
    """Reset the measured peak memory; do nothing unless torch is already using a graphics card."""
    cuda = _active_cuda()
    for index in range(cuda.device_count() if cuda is not None else 0):
        cuda.reset_peak_memory_stats(index)


def peak_memory_bytes() -> int:
    """Return the peak memory allocated on all graphics cards since the last reset, or 0 if none is in use."""
    cuda = _active_cuda()
    return sum(cuda.max_memory_allocated(index) for index in range(cuda.device_count())) if cuda is not None else 0


def _active_cuda() -> Any:
    """Return `torch.cuda` if it is initialized, else None; another thread may be importing torch at this moment."""
    cuda = getattr(sys.modules.get("torch"), "cuda", None)
    started = getattr(cuda, "is_initialized", None)
    return cuda if started is not None and started() else None


@contextmanager
def limit_threads(size_bytes: int, threads: int = 0) -> Iterator[None]:
    """Limit torch to one thread inside the block if the model is small; the process keeps the memory that it frees.

    A small model's operations finish before a second thread has started. On shared cores, the threads also wait for
    each other, which took up to twenty times the CPU time when measured.

    threads: the number of threads for a large model; 0 for as many as torch chooses
    """
    import torch

    from .freed_memory import keep_freed_memory

    keep_freed_memory()
    before = torch.get_num_threads()
    wanted = 1 if size_bytes < SMALL_MODEL_BYTES else threads or before
    if wanted != before:
        torch.set_num_threads(wanted)
    try:
        yield
    finally:
        if torch.get_num_threads() != before:
            torch.set_num_threads(before)


def _best() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _check_presence(kind: str, index: int, wanted: str) -> None:
    import torch

    if kind == "cuda" and not torch.cuda.is_available():
        raise DeviceRefused(wanted, "torch finds no CUDA device", "use auto or cpu")
    if kind == "cuda" and index >= torch.cuda.device_count():
        raise DeviceRefused(wanted, f"there are {torch.cuda.device_count()} CUDA devices, numbered from 0")
    if kind == "mps" and not torch.backends.mps.is_available():
        raise DeviceRefused(wanted, "torch finds no Metal device", "use auto or cpu")
    if kind != "cuda" and index:
        raise DeviceRefused(wanted, f"there is only one {kind}", f"use {kind}")


def check_precision(kind: str, dtype_name: str) -> None:
    """Refuse a precision (fp32, fp16 or bf16) that is not usable on a kind of device. Raises: DeviceRefused."""
    if kind == "cpu" and dtype_name == "fp16":
        reason = "on a CPU it is many times slower than float32"
        raise DeviceRefused("float16", reason, "use float32, or bfloat16 for half the memory")


_REQUEST = re.compile(r"allocate (?P<number>[\d.]+) ?(?P<unit>[KMG]iB|bytes)")
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def _requested_bytes(message: str) -> int | None:
    """Return the number of bytes requested, parsed from torch's error message."""
    found = _REQUEST.search(message)
    return int(float(found["number"]) * _UNITS[found["unit"]]) if found else None
