"""Tensors on this machine: safetensors files named by their content, the last ones in memory. Never pickled."""

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
    """Keeps each group of tensors as `root/ab/abcd....safetensors`."""

    def __init__(self, root: Path, *, cache_bytes: int = CACHE_BYTES) -> None:
        self._root = root
        self._recent: LruCache[dict[str, Tensor]] = LruCache(cache_bytes)

    def put(self, tensors: Mapping[str, Tensor]) -> str:
        """Keep tensors and return their name; what is returned later is a copy on the CPU. Raises: SaveFailed."""
        from safetensors.torch import save

        from core.imaging.atomic import write_atomically

        kept = {key: tensors[key].detach().to("cpu", copy=True).contiguous() for key in sorted(tensors)}
        name = content_name(kept)
        self._recent.put(name, kept, _bytes_of(kept))
        file = self.file(name)
        with suppress(OSError):
            os.utime(file)  # what was used just now is not removed to make room
        if not is_whole_safetensors(file):
            make_folder(file.parent)
            data = save(kept)
            with translated():
                write_atomically(file, lambda stream: stream.write(data), durable=False)
        return name

    def get(self, name: str) -> dict[str, Tensor]:
        """Return copies of the tensors of that name, on the CPU. Raises: ServiceError."""
        file = self.file(name)
        kept = self._recent.get(name)
        if kept is None:
            kept = _read(file, name)
            self._recent.put(name, kept, _bytes_of(kept))
        return {key: tensor.clone() for key, tensor in kept.items()}

    def __contains__(self, name: str) -> bool:
        return NAME.fullmatch(name) is not None and is_whole_safetensors(self.file(name))

    def file(self, name: str) -> Path:
        """Return where tensors of that name are, or would be. Raises: ServiceError, if it is not a name."""
        if not NAME.fullmatch(name):
            raise tensors_gone(name)
        return self._root / name[:2] / f"{name}.safetensors"


def content_name(tensors: Mapping[str, Tensor]) -> str:
    """Return the SHA-256 over names, types, shapes and bytes; the order in which they are given makes no difference."""
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
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
