"""What a file or folder shows without loading it: the only input that identification needs.

Only headers and small JSON files are read, each once. What a file is follows from its first bytes, not from its name.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from core.errors import ModelBroken, ModelMissing, ModelUnsupported, PickleRefused
from core.foreign import ForeignData, open_file

from .contents import EMPTY, Contents, Shape
from .gguf import read_gguf
from .pickled import RunsCode
from .pickles import read_legacy_pickle, read_zip_pickle
from .safetensors_header import NOT_SAFETENSORS, safetensors_contents
from .unreadable import unreadable

MODEL_SUFFIXES: Final = (".safetensors", ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".sft")
"""The suffixes of files that may hold a model that can be identified by its tensors."""

OPAQUE_SUFFIXES: Final = {
    ".onnx": "onnx", ".engine": "tensorrt", ".trt": "tensorrt", ".plan": "tensorrt", ".xml": "openvino",
    ".mlmodel": "coreml", ".mlpackage": "coreml", ".mlmodelc": "coreml", ".msgpack": "flax", ".h5": "keras",
    ".keras": "keras", ".tflite": "tflite", ".ncnn": "ncnn", ".param": "ncnn", ".nemo": "nemo",
}  # fmt: skip
"""Formats of other runtimes, whose tensors are not read, by suffix."""

UNTRUSTED: Final = "do not load it with any program; get a safetensors version from a source that you trust"
NOT_A_MODEL: Final = "is not a model file, or it is truncated"

_SAFETENSORS = (".safetensors", ".sft")
_WEIGHTS = (*_SAFETENSORS, ".gguf", ".ckpt", ".pt", ".pth", ".bin", ".pkl", "")  # a damaged file may be a model
_WITH_BIN = {".xml": "openvino", ".param": "ncnn"}  # formats that keep their tensors in a `.bin` file of the same name
_SNIFFED = 512  # number of bytes at the start of a file that show its format
_MARKUP = (b"<!doctype", b"<html", b"<?xml", b"<head")
_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tensors, metadata and settings of one file or folder.

    container: `safetensors`, `gguf`, `pickle`, `folder`, or the name of another runtime's format. config: the settings
    of a folder, from its `model_index.json`, `config.json` or `adapter_config.json`. components: the evidence of each
    part of a pipeline. size_bytes: of all weight files. name: how the model is called, if its path does not say so.
    """

    path: Path
    container: str
    contents: Contents = EMPTY
    size_bytes: int = 0
    config: Mapping[str, Any] = field(default_factory=dict)
    components: Mapping[str, Evidence] = field(default_factory=dict)
    files: tuple[Path, ...] = ()
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all tensors, in the order of the file."""
        return tuple(self.contents.shapes)

    @property
    def shapes(self) -> Mapping[str, Shape]:
        """The shape of each tensor."""
        return self.contents.shapes

    @property
    def dtypes(self) -> Mapping[str, str]:
        """The type of each tensor, in the spelling of its container."""
        return self.contents.dtypes

    @property
    def metadata(self) -> Mapping[str, Any]:
        """What the author of the file has noted in its header."""
        return self.contents.metadata


def file_evidence(path: Path) -> Evidence:
    """Return what a single model file shows. Raises: ModelMissing, ModelBroken, ModelUnsupported, PickleRefused."""
    runtime = runtime_of(path)
    if runtime and os.path.exists(path):
        return Evidence(path, runtime, size_bytes=size_on_disk(path), files=(path,))
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            container, contents = _read(file, size)
    except FileNotFoundError as error:
        raise ModelMissing(str(path), [path.parent], []) from error
    except RunsCode as error:
        raise PickleRefused(path, reason=f"it {error}", hint=UNTRUSTED) from error
    except ForeignData as error:
        if str(error) == NOT_SAFETENSORS and path.suffix.lower() not in _WEIGHTS:
            raise ModelUnsupported(path, "it is not a model file") from error
        reason = NOT_A_MODEL if str(error) == NOT_SAFETENSORS and path.suffix not in _SAFETENSORS else str(error)
        raise ModelBroken(path, f"it {reason}") from error
    except OSError as error:
        raise unreadable(path, error) from error
    return Evidence(path, container, contents, size, files=(path,))


def runtime_of(path: Path) -> str:
    """Return the format of another runtime that a file is in, or ""; some split a model into two files."""
    beside = [
        kind for suffix, kind in _WITH_BIN.items() if path.suffix == ".bin" and os.path.isfile(path.with_suffix(suffix))
    ]
    return OPAQUE_SUFFIXES.get(path.suffix.lower(), "") or next(iter(beside), "")


def size_on_disk(path: Path) -> int:
    """Return the size in bytes of a file, or of all files directly in a folder."""
    inside = [path] if os.path.isfile(path) else [one for one in path.iterdir() if os.path.isfile(one)]
    return sum([one.stat().st_size for one in inside])


def _read(file: BinaryIO, size: int) -> tuple[str, Contents]:
    """Return the container and the contents of an open file. Raises: ForeignData, OSError."""
    start = file.read(_SNIFFED)
    file.seek(0)
    _refuse_text(start)
    if start.startswith(b"GGUF"):
        return "gguf", read_gguf(file, size)
    if start.startswith(b"PK\x03\x04"):
        return "pickle", read_zip_pickle(file, size)
    if start[:1] == b"\x80" and start[1:2] in (b"\x01", b"\x02", b"\x03", b"\x04", b"\x05") and start[8:9] != b"{":
        return "pickle", read_legacy_pickle(file)
    return "safetensors", safetensors_contents(file)


def _refuse_text(start: bytes) -> None:
    """Refuse files that a failed download leaves behind. Raises: ForeignData."""
    if not start:
        raise ForeignData("is empty")
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(_MARKUP):
        raise ForeignData("is a web page that was saved under the name of a model")
    if text.startswith(_POINTER):
        raise ForeignData("is a Git LFS pointer: the weights themselves were not downloaded")
    if start[257:262] == b"ustar":
        raise ForeignData("is a tar archive, as PyTorch wrote them before 2017")
