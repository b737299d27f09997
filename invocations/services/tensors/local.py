"""Store tensors on this machine as safetensors files named by content, with the most recently used ones in memory."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.services.errors import tensors_gone
from invocations.services.file_integrity import is_whole_safetensors
from invocations.services.folders import make_folder
from invocations.services.lru import LruCache
from invocations.services.translate_errors import translated

from .base import TensorService

if TYPE_CHECKING:
    from torch import Tensor

NAME = re.compile(r"[0-9a-f]{64}")
CACHE_BYTES = 256 * 2**20


class LocalTensors(TensorService):
    """Stores each group of tensors as `root/ab/abcd....safetensors`."""

    def __init__(self, root: Path, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._root = root
        self._recent: LruCache[dict[str, Tensor]] = LruCache(cache_bytes)

    def put(self, tensors: Mapping[str, Tensor]) -> str:
        """Store copies of tensors on the CPU and return their name. Raises: SaveFailed."""
        from safetensors.torch import save

        from core.imaging.atomic import sweep, write_atomically

        stored = {key: tensors[key].detach().to("cpu", copy=True).contiguous() for key in sorted(tensors)}
        name = content_name(stored)
        self._recent.put(name, stored, _bytes_of(stored))
        file = self.file(name)
        with suppress(OSError):
            os.utime(file)  # marks the file as recently used, so that it is not evicted
        if not is_whole_safetensors(file):
            make_folder(file.parent)
            sweep(file.parent)  # removes what a killed process has left
            data = save(stored)
            with translated():
                write_atomically(file, lambda stream: stream.write(data), durable=False)
        return name

    def get(self, name: str) -> dict[str, Tensor]:
        """Return copies of stored tensors, on the CPU. Raises: ServiceError."""
        file = self.file(name)
        stored = self._recent.get(name)
        if stored is None:
            stored = _read(file, name)
            self._recent.put(name, stored, _bytes_of(stored))
        return {key: tensor.clone() for key, tensor in stored.items()}

    def __contains__(self, name: str) -> bool:
        return NAME.fullmatch(name) is not None and is_whole_safetensors(self.file(name))

    def file(self, name: str) -> Path:
        """Return the path of a file, whether it exists or not. Raises: ServiceError, if the name is malformed."""
        if not NAME.fullmatch(name):
            raise tensors_gone(name)
        return self._root / name[:2] / f"{name}.safetensors"


def content_name(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 of names, types, shapes and bytes, independent of the order of the tensors."""
    import torch

    digest = hashlib.sha256()
    for key in sorted(tensors):
        tensor = tensors[key].detach().cpu().contiguous()
        digest.update(f"{key} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _read(file: Path, name: str) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        tensors: dict[str, Tensor] = load(file.read_bytes())
    except (OSError, SafetensorError) as error:
        raise tensors_gone(name) from error
    if content_name(tensors) != name:
        raise tensors_gone(name)
    return tensors


def _bytes_of(tensors: Mapping[str, Tensor]) -> int:
    return sum([tensor.nbytes for tensor in tensors.values()])
