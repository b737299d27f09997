"""Converted copies on disk: the weights of a part in the precision and with the names with which they are loaded.

A part whose file has another precision, other names or several shards is converted each time that it is loaded. A copy,
written once in the background after the first image, is mapped into memory instead. A copy counts only if its header
names the content of its source; it gets its name when it is complete, and any error just means that there is no copy.
"""

from __future__ import annotations

import os
import shutil
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from core.devices import SMALL_MODEL_BYTES, Device
from core.errors import CoreError
from core.imaging.atomic import sweep, write_atomically
from core.stopping import IsCancelled, check, never

from .alignment import align
from .copy_place import CopyPlace, copy_place, has_channels_last
from .fingerprint import measured_fingerprint
from .need import stored_dtype
from .part import PartSource
from .safetensors_writer import Stopped, write_safetensors

LAYOUTS: Final = ("diffusers", "transformers")  # layouts whose names are those of the network
TO_LAST: Final = (0, 2, 3, 1)  # the order of the dimensions of a convolution's weights with the channels last
FROM_LAST: Final = (0, 3, 1, 2)  # the order that undoes this
CHECK_EVERY: Final = 16  # how many tensors are mapped before loading can be cancelled again
JOIN_S: Final = 0.1  # how long to wait before Ctrl-C is handled
FREE_TIMES: Final = 2  # how many times the size of a copy must be free on the disk


class ConvertedCopies:
    """Copies in `folder`, up to `max_bytes` together; the least recently used are removed first.

    min_bytes: the size of the weights of the smallest part that is worth a copy (default: 64 MiB)
    """

    def __init__(self, folder: Path, max_bytes: int, *, min_bytes: int | None = None) -> None:
        self._folder, self._max_bytes = folder, max_bytes
        self._min_bytes = SMALL_MODEL_BYTES if min_bytes is None else min_bytes
        self._waiting: dict[Path, tuple[CopyPlace, weakref.ref[nn.Module]]] = {}
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._stopped = threading.Event()

    def find(self, source: PartSource, device: Device) -> CopyPlace | None:
        """Return the place of the copy of a part, whether it exists or not; None if no copy is worth while."""
        if not self._max_bytes or not _is_converted(source, device, self._min_bytes):
            return None
        with suppress(CoreError, OSError):
            return copy_place(self._folder, source, device)
        return None

    def note(self, copy: CopyPlace, module: nn.Module) -> None:
        """Note that a part has been converted, so that `write` copies it."""
        with self._lock:
            self._waiting[copy.path] = copy, weakref.ref(module)

    def write(self) -> None:
        """Start writing the copies of all parts that have been converted, in the background."""
        with self._lock:
            if self._waiting and self._writer is None:
                self._writer = threading.Thread(target=self._write_all, name="converted copies", daemon=True)
                self._writer.start()

    @property
    def is_writing(self) -> bool:
        """Whether copies are being written."""
        return self._writer is not None

    def finish(self) -> None:
        """Wait until all copies are written; Ctrl-C stops writing."""
        writer = self._writer
        while writer is not None and writer.is_alive():
            try:
                writer.join(JOIN_S)
            except KeyboardInterrupt:
                self._stopped.set()
            except BaseException:  # such as a request to end the program
                self._stopped.set()
                raise

    def stop(self) -> None:
        """Stop writing; a copy that is incomplete is removed."""
        self._stopped.set()
        self.finish()

    def _write_all(self) -> None:
        try:
            while (waiting := self._next()) is not None:
                copy, ref = waiting
                module = ref()
                if module is not None:  # it has not been unloaded
                    with suppress(CoreError, OSError, RuntimeError, KeyError, MemoryError, Stopped):
                        self._write(copy, module)
        except BaseException:
            self._writer = None  # this thread ends, and the next call of `write` starts another one
            raise

    def _next(self) -> tuple[CopyPlace, weakref.ref[nn.Module]] | None:
        """Return a copy that is to be written, or None, after which this thread no longer counts as writing."""
        with self._lock:
            if not self._waiting or self._stopped.is_set():
                self._writer = None
                return None
            return self._waiting.popitem()[1]

    def _write(self, copy: CopyPlace, module: nn.Module) -> None:
        state = {name: _in_order(tensor.detach(), TO_LAST, copy.device) for name, tensor in module.state_dict().items()}
        for folder in self._folder.glob("*"):
            sweep(folder)  # removes what a killed process has left
        if not copy.is_there() and self._make_room(sum(tensor.nbytes for tensor in state.values())):
            copy.path.parent.mkdir(parents=True, exist_ok=True)

            def write(file: BinaryIO) -> None:
                write_safetensors(file, state, copy.metadata, self._stopped.is_set)
                if measured_fingerprint(copy.source, copy.device.dtype_name) != copy.fingerprint:
                    raise Stopped  # the source has changed since it was loaded

            write_atomically(copy.path, write)

    def _make_room(self, size_bytes: int) -> bool:
        """Remove the least recently used copies until another one fits; return False if it cannot fit."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if size_bytes > self._max_bytes or shutil.disk_usage(self._folder).free < FREE_TIMES * size_bytes:
            return False
        copies = sorted(
            (file.stat().st_mtime_ns, file.stat().st_size, file) for file in self._folder.glob("*/*.safetensors")
        )
        total = sum(size for _, size, _ in copies)
        for _, size, file in copies:
            if total + size_bytes <= self._max_bytes:
                break
            file.unlink()
            total -= size
            with suppress(OSError):  # another copy is in the folder
                file.parent.rmdir()
        return True


def _is_converted(source: PartSource, device: Device, min_bytes: int) -> bool:
    """Return True if loading a part converts it, and the part is large enough to be worth a copy."""
    if source.size_bytes < min_bytes:
        return False
    with suppress(CoreError, OSError):
        is_converted = stored_dtype(source, device.dtype_name) != device.dtype_name
        return is_converted or source.layout not in LAYOUTS or len(source.files(device.dtype_name)) > 1
    return False


def read_copy(copy: CopyPlace, cancelled: IsCancelled = never) -> dict[str, Tensor] | None:
    """Map a converted copy, or return None if it is not there. Raises: Cancelled."""
    if not copy.is_there():
        return None
    with suppress(SafetensorError, OSError, RuntimeError):
        target = copy.device.torch_device()
        with safe_open(copy.path, framework="pt") as weights:
            mapped = {}
            for number, key in enumerate(weights.keys()):
                if number % CHECK_EVERY == 0:
                    check(cancelled)
                mapped[key] = _in_order(weights.get_tensor(key), FROM_LAST, copy.device).to(target)
        with suppress(OSError):
            os.utime(copy.path)  # marks the copy as recently used, so that it is not evicted
        align(mapped)
        return mapped
    return None


def _in_order(tensor: Tensor, order: tuple[int, ...], device: Device) -> Tensor:
    """Return a view with the dimensions in this order, if the weights of convolutions have the channels last."""
    return tensor.permute(order) if tensor.ndim == len(order) and has_channels_last(device) else tensor
