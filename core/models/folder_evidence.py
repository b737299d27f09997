"""What a model folder shows: its settings, and the tensors of the part that decides what it is."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import ModelMissing

from .contents import EMPTY, Contents, merge
from .evidence import MODEL_SUFFIXES, OPAQUE_SUFFIXES, Evidence, file_evidence, runtime_of
from .folder_files import INDEX, read_settings, shards_in
from .unreadable import unreadable

CONFIGS: Final = (INDEX, "adapter_config.json", "config.json", "scheduler_config.json")
"""The files that make a folder a model, the most telling one first."""

STEMS: Final = (
    "diffusion_pytorch_model", "model", "pytorch_model", "adapter_model", "pytorch_lora_weights", "ip_adapter",
    "learned_embeds", "open_clip_pytorch_model", "openvino_model", "weights",
)  # fmt: skip
"""The names of weight files in model folders, without suffixes."""

DENOISERS: Final = ("transformer", "unet", "prior", "decoder")
MAX_ENTRIES: Final = 10_000  # maximum number of entries of a model folder that are looked at


def evidence_of(path: Path) -> Evidence:
    """Return what a file or folder shows. A folder that is no model has an empty `config` and no tensors.

    Raises: ModelMissing, ModelBroken, ModelUnreadable.
    """
    if os.path.isdir(path) and path.suffix.lower() not in OPAQUE_SUFFIXES:
        return _pipeline(path) if os.path.isfile(path / INDEX) else _component(path)
    return file_evidence(path)


def _pipeline(folder: Path) -> Evidence:
    """Return the evidence of a pipeline: the settings of all parts, and the tensors of the denoiser."""
    index = read_settings(folder / INDEX)
    parts = [name for name, entry in index.items() if _is_component(name, entry)]
    components = {
        name: _part(folder / name, tensors=name in DENOISERS) for name in parts if os.path.isdir(folder / name)
    }
    size = sum([part.size_bytes for part in components.values()])
    files = tuple([file for part in components.values() for file in part.files])
    return Evidence(folder, "folder", size_bytes=size, config=index, components=components, files=files)


def _is_component(name: str, entry: object) -> bool:
    """Whether an entry of `model_index.json` names a part that lies in a subfolder."""
    is_named = Path(name).name == name and not name.startswith(("_", "."))
    return is_named and isinstance(entry, list) and len(entry) == 2 and None not in entry


def _component(folder: Path) -> Evidence:
    """Return the evidence of a folder that holds one network or one adapter."""
    return _part(folder, tensors=True)


def _part(folder: Path, *, tensors: bool) -> Evidence:
    entries = _entries(folder)
    name = next((name for name in CONFIGS if folder / name in entries), None)
    config = read_settings(folder / name) if name else {}
    files = _weight_files(folder, entries)
    found = Evidence(folder, _container(files), size_bytes=_size(files), config=config, files=files)
    return replace(found, contents=_contents_of(files)) if tensors else found


def _entries(folder: Path) -> list[Path]:
    try:
        entries = sorted(folder.iterdir())[:MAX_ENTRIES]
    except FileNotFoundError as error:
        raise ModelMissing(str(folder), [folder.parent], []) from error
    except OSError as error:
        raise unreadable(folder, error) from error
    return entries


def _container(files: tuple[Path, ...]) -> str:
    return (runtime_of(files[0]) if files else "") or "folder"


def _size(files: Iterable[Path]) -> int:
    return sum([file.stat().st_size for file in files])


def _weight_files(folder: Path, entries: list[Path]) -> tuple[Path, ...]:
    """Return one set of weight files: those of an index, or one file; safetensors first, the plain variant first."""
    indexes = sorted([one for one in entries if ".index." in one.name and one.suffix == ".json"], key=_rank)
    if indexes:
        return shards_in(indexes[0])
    files = [
        one for one in entries if one.suffix.lower() in (*MODEL_SUFFIXES, *OPAQUE_SUFFIXES) and os.path.isfile(one)
    ]
    named = sorted([one for one in files if one.name.startswith(STEMS)], key=_rank)
    return tuple(named[:1]) or (tuple(files) if len(files) == 1 else ())


def _rank(path: Path) -> tuple[bool, bool, int, str]:
    """Sort safetensors before others, formats of other runtimes last, and short names first."""
    return bool(runtime_of(path)), "safetensors" not in path.name, len(path.name), path.name


def _contents_of(files: tuple[Path, ...]) -> Contents:
    parts = [file_evidence(file).contents for file in files]
    return merge(parts) if parts else EMPTY
