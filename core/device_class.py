"""The device class and precision that results depend on, as strings, determined without importing torch."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from glob import glob

from .devices import DEFAULT_DTYPE, DTYPES, SMALL_MODEL_BYTES, auto_dtype, check_precision
from .errors import DeviceRefused

NVIDIA, AMD, WSL = "/dev/nvidia[0-9]*", "/dev/kfd", "/dev/dxg"
DRIVER = "/proc/driver/nvidia/version"
CARDS = "CUDA_VISIBLE_DEVICES"
VARIABLES = (CARDS, "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "PYTORCH_ENABLE_MPS_FALLBACK")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS")


def device_class(wanted: str, dtype: str) -> tuple[str, str]:
    """Return the device class and precision for these settings; `cuda:0` and `cuda:1` are the same class.

    If only torch can resolve `auto`, the returned class lists everything that torch's choice depends on (driver, device
    files, environment variables), so that it changes whenever the choice may change.
    """
    kind = wanted.partition(":")[0]
    if kind == "auto":
        kind = "cpu" if _has_only_cpu() else _what_auto_depends_on()
    long_name = DTYPES.get(dtype, dtype)
    if dtype == "auto" and kind in DEFAULT_DTYPE:
        long_name = DTYPES[auto_dtype(kind)]
    return kind, long_name


def model_dtype(kind: str, dtype: str, size_bytes: Callable[[], int]) -> str:
    """Return the precision of a model on a class of devices if it differs from that of small models, else "".

    dtype: the precision in the settings. size_bytes: returns the size of the model's weights; called only if needed.
    """
    if dtype != "auto" or kind != "cpu" or auto_dtype(kind, sys.maxsize) == auto_dtype(kind):
        return ""
    found = auto_dtype(kind, size_bytes())
    return DTYPES[found] if found != auto_dtype(kind) else ""


def threads_each(workers: int) -> int:
    """Return the share of the processors that each of several workers has; 0 for a single one, which uses all."""
    return max(count_processors() // workers, 1) if workers > 1 else 0


def thread_variables(workers: int) -> dict[str, str]:
    """Return the variables that give each of several workers its share of the processors, unless the user did."""
    share = threads_each(workers)
    return {name: os.environ.get(name, str(share)) for name in THREADS} if share else {}


def model_computing(wanted: str, dtype: str, workers: int, size_bytes: Callable[[], int]) -> dict[str, str]:
    """Return what the results of a model depend on besides its device: a precision of its own, a number of threads.

    workers: how many processes run nodes. size_bytes: returns the size of the model's weights; called only if needed
    """
    kind, _ = device_class(wanted, dtype)
    found = {"dtype": model_dtype(kind, dtype, size_bytes), "threads": model_threads(kind, workers, size_bytes)}
    return {name: value for name, value in found.items() if value}


def model_threads(kind: str, workers: int, size_bytes: Callable[[], int]) -> str:
    """Return the number of threads on which the results of a model may depend, or "" if torch chooses it.

    On a CPU, operations of large models add numbers in an order that may depend on the number of threads. The user's
    variables and the number of workers limit it; without a limit, torch uses all cores.

    size_bytes: returns the size of the model's weights; called only if needed
    """
    if kind != "cpu":
        return ""
    limits = {name: os.environ[name] for name in THREADS if name in os.environ}
    limits = limits if workers == 1 else thread_variables(workers)
    is_used = limits and size_bytes() >= SMALL_MODEL_BYTES
    return "/".join(dict.fromkeys(limits.values())) if is_used else ""


def count_processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def count_threads() -> int:
    """Return how many threads this process may use at the same time: one per processor, unless the user limits them."""
    limits = [int(limit) for name in THREADS if (limit := os.environ.get(name, "")).isdecimal() and int(limit)]
    return min([count_processors(), *limits])


def check_device(wanted: str, dtype: str) -> None:
    """Refuse a device or a precision that this machine cannot use, as far as that is known without importing torch.

    Raises: DeviceRefused.
    """
    kind, only_cpu = wanted.partition(":")[0], _has_only_cpu()
    if only_cpu and kind in ("cuda", "mps"):
        raise DeviceRefused(wanted, "this machine has no graphics card", "use auto or cpu")
    if kind == "cpu" or (kind == "auto" and only_cpu):
        check_precision("cpu", {long: short for short, long in DTYPES.items()}.get(dtype, dtype))


def count_cards(wanted: str) -> int:
    """Return how many graphics cards the setting of a device stands for, at least 1, as far as NVIDIA's files show."""
    if wanted not in ("auto", "cuda"):
        return 1
    visible = os.environ.get(CARDS)
    found = len(glob(NVIDIA)) if visible is None else len([name for name in visible.split(",") if name.strip()])
    return max(min(found, len(glob(NVIDIA))), 1)


def _has_only_cpu() -> bool:
    """Return True if this is Linux and no graphics card has a device file."""
    return sys.platform == "linux" and not (glob(NVIDIA) or os.path.exists(AMD) or os.path.exists(WSL))


def _what_auto_depends_on() -> str:
    import platform  # imported here, because this takes as long as importing a dozen other modules

    parts = [sys.platform, platform.machine(), platform.release()]
    for file in sorted([*glob(NVIDIA), AMD, WSL]):
        if os.path.exists(file):
            parts.append(f"{file}{'' if os.access(file, os.R_OK | os.W_OK) else ' closed'}")
    with suppress(OSError), open(DRIVER, encoding="utf-8", errors="replace") as file_:
        parts.append(file_.readline().strip())
    parts += [f"{name}={os.environ[name]}" for name in VARIABLES if name in os.environ and not _shows_a_card(name)]
    return "auto on " + "; ".join(parts)


def _shows_a_card(name: str) -> bool:
    """Return True if a variable lets torch use at least one graphics card; which one it is makes no difference."""
    first = os.environ[name].partition(",")[0].strip()
    return name == CARDS and first.isdecimal() and int(first) < len(glob(NVIDIA))
