"""Find and check the weight files of a model part without reading any weights; pickles are refused."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import ModelBroken, PickleRefused
from core.foreign import ForeignData, json_data, open_file, read_bytes

from .contents import Contents
from .safetensors_header import safetensors_contents

PICKLE_SUFFIXES = (".bin", ".ckpt", ".pt", ".pth", ".pkl")


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
                return _shards(index)
    _refuse_pickles(folder)
    raise ModelBroken(folder, f"{stem}.safetensors is missing")


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
        raise ModelBroken(path, f"it cannot be read: {error.strerror}") from error


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


def _shards(index: Path) -> tuple[Path, ...]:
    try:
        names = sorted(set(json_data(read_bytes(index))["weight_map"].values()))
        shards = tuple(index.parent / Path(name).name for name in names)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise ModelBroken(index, "its list of shards cannot be read") from error
    for shard in shards:
        if not os.path.isfile(shard):
            raise ModelBroken(shard, "this shard is missing")
    return shards


def _refuse_pickles(folder: Path) -> None:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ModelBroken(folder, f"it cannot be read: {error.strerror}") from error
    for path in entries:
        if path.suffix in PICKLE_SUFFIXES and os.path.isfile(path):
            raise PickleRefused(path, convert_command(path))
