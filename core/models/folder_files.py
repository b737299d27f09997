"""Read the settings in a model folder, and find and check its weight files without reading any weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from core.errors import ModelBroken, PickleRefused
from core.foreign import ForeignData, json_data, open_file, read_bytes

from .contents import Contents
from .safetensors_header import safetensors_contents
from .unreadable import unreadable

PICKLE_SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")
INDEX: Final = "model_index.json"  # the file that lists the parts of a pipeline
MAX_SHARDS: Final = 1_000


def read_settings(path: Path) -> dict[str, Any]:
    """Return the settings in a JSON file. Raises: ModelBroken, ModelUnreadable."""
    try:
        data = json_data(read_bytes(path))
    except FileNotFoundError as error:
        raise ModelBroken(path, "this file is missing") from error
    except ForeignData as error:
        raise ModelBroken(path, "this file cannot be read as JSON") from error
    except OSError as error:
        raise unreadable(path, error) from error
    if not isinstance(data, dict):
        raise ModelBroken(path, "this file does not hold a JSON object")
    return data


def find_weights(folder: Path, stem: str, *, variant: str = "") -> tuple[Path, ...]:
    """Return the safetensors files of a part: one file or all its shards, in the given variant if it exists.

    Raises: ModelBroken, PickleRefused.
    """
    for suffix in ([f".{variant}"] if variant else []) + ["", ".fp16", ".bf16", ".fp32"]:
        single = folder / f"{stem}{suffix}.safetensors"
        if os.path.isfile(single):
            return (single,)
        for index in (
            folder / f"{stem}.safetensors.index{suffix}.json",
            folder / f"{stem}{suffix}.safetensors.index.json",
        ):
            if os.path.isfile(index):
                return shards_in(index)
    _refuse_pickles(folder)
    raise ModelBroken(folder, f"{stem}.safetensors is missing")


def shards_in(index: Path) -> tuple[Path, ...]:
    """Return the weight files that an index lists, which lie beside it. Raises: ModelBroken."""
    names = read_settings(index).get("weight_map")
    listed = sorted({str(name) for name in names.values()}) if isinstance(names, dict) else []
    if not 1 <= len(listed) <= MAX_SHARDS or any(Path(name).name != name for name in listed):
        raise ModelBroken(index, "its list of shards cannot be read")
    shards = tuple([index.parent / name for name in listed])
    for shard in shards:
        if not os.path.isfile(shard):
            raise ModelBroken(shard, "this shard is missing")
    return shards


def read_header(path: Path) -> Contents:
    """Return the contents of a safetensors file, after checking that the file is as long as its header says.

    Raises: ModelBroken.
    """
    try:
        with open_file(path) as file:
            return safetensors_contents(file)
    except ForeignData as error:
        raise ModelBroken(path, f"it {error}") from error
    except OSError as error:
        raise unreadable(path, error) from error


def convert_command(pickle: Path) -> str:
    """Return the command that converts a pickle to safetensors in the same folder."""
    target = pickle.with_suffix(".safetensors")
    if pickle.suffix == ".bin" and pickle.stem.startswith("pytorch_model"):
        target = target.with_name(target.name.replace("pytorch_model", "model", 1))
    return (
        'python -c "import torch, safetensors.torch as s; '
        f"w = torch.load('{pickle}', weights_only=True); w = w.get('state_dict', w); "
        f"s.save_file({{k: v.contiguous() for k, v in w.items() if torch.is_tensor(v)}}, '{target}')\""
    )


def _refuse_pickles(folder: Path) -> None:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error) from error
    for path in entries:
        if path.suffix in PICKLE_SUFFIXES and os.path.isfile(path):
            raise PickleRefused(path, convert_command(path))
