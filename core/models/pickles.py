"""Read which tensors a PyTorch pickle (`.ckpt`, `.pt`, `.pth`, `.bin`) holds. Nothing in it is imported or called."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, BinaryIO, Final

from core.foreign import ForeignData

from .contents import MAX_TENSORS, Contents, check_name
from .opcodes import Machine
from .pickled import PickledTensor

MAX_PICKLE_BYTES: Final = 16 * 2**20  # maximum size of the pickle without tensor data; known ones have below 2 MB
MAX_DIRECTORY_BYTES: Final = 32 * 2**20  # maximum size of the directory of a zip file
MAX_NESTING: Final = 8  # maximum depth at which tensors are looked for
MAX_VALUES: Final = 500_000  # maximum number of values that are looked at

LEGACY_MAGIC: Final = 0x1950A86A20F9469CFC6C  # the first value in a file of PyTorch before version 1.6
WRAPPERS: Final = ("state_dict", "params_ema", "params", "model_state_dict", "model", "module", "net", "weights")
"""Keys under which programs store the tensors of a model, beside the state of its training."""


def read_zip_pickle(file: BinaryIO, size: int) -> Contents:
    """Return the contents of a PyTorch zip file of `size` bytes. Raises: ForeignData, OSError."""
    _check_directory(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == "data.pkl"]
            if not names:
                raise ForeignData("is a zip file, but not one that PyTorch has written")
            data = _read(archive, names[0])
            compiled = any("/code/" in name for name in archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise ForeignData("is a zip file that is damaged or truncated") from error
    found = _contents(Machine(io.BytesIO(data)).load())
    return replace(found, metadata={**found.metadata, "torchscript": True}) if compiled else found


def read_legacy_pickle(file: BinaryIO) -> Contents:
    """Return the contents of a file that PyTorch wrote before version 1.6. Raises: ForeignData, OSError."""
    machine = Machine(io.BytesIO(file.read(MAX_PICKLE_BYTES)))
    first = machine.load()
    if first != LEGACY_MAGIC:
        return _contents(first)
    machine.load()  # the version of the format
    machine.load()  # the machine that wrote it
    return _contents(machine.load())


def _check_directory(file: BinaryIO, size: int) -> None:
    """Refuse a zip file with a huge directory, which `zipfile` would read at once."""
    file.seek(max(0, size - 65_557))  # the end record has 22 bytes and a comment of up to 65,535 bytes
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    length = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    wide = tail.rfind(b"PK\x06\x06")
    if length == 0xFFFFFFFF and wide >= 0:
        length = int.from_bytes(tail[wide + 40 : wide + 48], "little")
    if at < 0:
        raise ForeignData("is a zip file that is damaged or truncated")
    if length > MAX_DIRECTORY_BYTES:
        raise ForeignData(f"has a zip directory of {length >> 20} MiB; the limit is {MAX_DIRECTORY_BYTES >> 20} MiB")
    file.seek(0)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ForeignData("is a zip file that is compressed in a way that PyTorch cannot read")
    with archive.open(name) as member:
        data = member.read(MAX_PICKLE_BYTES + 1)
    if len(data) > MAX_PICKLE_BYTES:
        raise ForeignData(f"has a pickle of more than {MAX_PICKLE_BYTES >> 20} MiB")
    return data


def _contents(value: Any) -> Contents:
    """Return the tensors in a value; plain values beside them, such as `global_step`, become metadata."""
    shapes, dtypes = {}, {}
    for name, tensor in _tensors(_unwrapped(value)):
        shapes[check_name(name)], dtypes[name] = tensor.shape, tensor.dtype
        if len(shapes) > MAX_TENSORS:
            raise ForeignData(f"has more than {MAX_TENSORS} tensors")
    plain = value.items() if isinstance(value, dict) else ()
    return Contents(shapes, dtypes, {str(key): one for key, one in plain if isinstance(one, (str, int, float))})


def _unwrapped(value: Any) -> Any:
    """Return the tensors under the first key of `WRAPPERS` that holds any, else the value itself."""
    for key in WRAPPERS:
        inner = value.get(key) if isinstance(value, dict) else None
        if isinstance(inner, dict) and next(_tensors(inner), None) is not None:
            return inner
    return value


def _tensors(value: Any) -> Iterator[tuple[str, PickledTensor]]:
    """Yield each tensor with the keys that lead to it, joined by dots."""
    if isinstance(value, PickledTensor):
        yield "tensor", value
        return
    pending, visits = [("", value, 0)], 0
    while pending:
        prefix, container, depth = pending.pop()
        deeper = []
        for key, one in _items(container):
            visits += 1
            if visits > MAX_VALUES:
                raise ForeignData(f"has a pickle of more than {MAX_VALUES} values")
            if isinstance(one, PickledTensor):
                yield f"{prefix}{key}", one
            elif isinstance(one, (dict, list, tuple)) and depth < MAX_NESTING:
                deeper.append((f"{prefix}{key}.", one, depth + 1))
        pending.extend(reversed(deeper))


def _items(container: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(container, dict):
        yield from container.items()
    elif isinstance(container, (list, tuple)):
        yield from enumerate(container)
