"""Find the models in a folder tree, as other programs lay it out. Nothing is opened; identification follows.

The layouts: AUTOMATIC1111 modules/paths.py and modules/shared_cmd_options.py; ComfyUI folder_paths.py; InvokeAI
models/; the cache of huggingface_hub.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from .evidence import MODEL_SUFFIXES, OPAQUE_SUFFIXES
from .folder_evidence import CONFIGS, STEMS
from .folder_files import INDEX
from .hub_cache import PREFIX, hub_name, snapshot_of
from .sidecars import SIDECARS

MAX_DEPTH: Final = 6  # maximum depth below the folder that is scanned
MAX_ENTRIES: Final = 100_000  # maximum number of files and folders that are looked at

SKIPPED_FOLDERS: Final = frozenset(
    {
        ".git", ".venv", ".env", ".cache", "venv", "env", "node_modules", "__pycache__", "site-packages",
        "outputs", "output", "inputs", "cache", "blobs", "refs", "custom_nodes", "repositories",
    }
)  # fmt: skip
"""Folders of programs, results and downloads, which hold no models or only copies of them."""

SKIPPED_FILES: Final = ("optimizer", "scheduler", "training_args", "random_states", "rng_state", "scaler", "tokenizer")
"""The starts of names of files that training programs leave beside a model."""

FOLDER_KINDS: Final = {
    "stable-diffusion": "model", "checkpoints": "model", "diffusion_models": "model", "unet": "model",
    "diffusers": "model", "main": "model", "lora": "lora", "loras": "lora", "lycoris": "lora", "vae": "vae",
    "vae_approx": "vae", "text_encoders": "text-encoder", "text_encoder": "text-encoder", "clip": "text-encoder",
    "clip_vision": "image-encoder", "embeddings": "embedding", "embedding": "embedding", "controlnet": "controlnet",
    "t2i_adapter": "t2i-adapter", "ipadapter": "ip-adapter", "ip_adapter": "ip-adapter", "style_models": "style-model",
    "esrgan": "upscaler", "realesrgan": "upscaler", "swinir": "upscaler", "dat": "upscaler",
    "upscale_models": "upscaler",
    "hypernetworks": "hypernetwork", "gfpgan": "restorer", "codeformer": "restorer",
}  # fmt: skip
"""The kind of the models in a folder of this name, in lower case; it breaks ties only."""


@dataclass(frozen=True, slots=True)
class ModelCandidate:
    """A file or folder that may be a model.

    name: how it is called. hint: the kind that its folder is for, or "". sidecars: the notes that lie beside a file.
    """

    path: Path
    name: str
    hint: str = ""
    is_folder: bool = False
    sidecars: tuple[str, ...] = ()


@dataclass(slots=True)
class Scan:
    """What a folder tree holds.

    unreadable: folders that cannot be listed, and why. folders: those that were listed, with their modification times
    in nanoseconds. complete: whether everything was listed. is_cut: whether it has more than `MAX_ENTRIES` entries.
    """

    candidates: list[ModelCandidate] = field(default_factory=list)
    unreadable: list[tuple[Path, str]] = field(default_factory=list)
    folders: list[tuple[str, int]] = field(default_factory=list)
    complete: bool = True
    is_cut: bool = False


def scan(root: Path, *, max_depth: int = MAX_DEPTH) -> Scan:
    """Return the models in a folder tree, sorted by path. Symbolic links are followed; no folder is visited twice."""
    found = Scan()
    visited: set[tuple[int, int]] = set()
    pending, entries = [(root, 0)], 0
    while pending:
        folder, depth = pending.pop()
        listed = _list(folder, visited, found)
        entries += len(listed)
        if entries > MAX_ENTRIES:
            found.complete, found.is_cut = False, True
            break
        names = {entry.name for entry in listed}
        if is_model_folder(names) and (folder != root or INDEX in names):
            found.candidates.append(_candidate(folder, root, is_folder=True))
            continue
        files = [Path(entry.path) for entry in listed if _is_model_file(entry)]
        found.candidates += [_candidate(path, root, sidecars=_sidecars(path, names)) for path in files]
        inner = _inner(folder, listed)
        found.complete &= depth < max_depth or not inner
        pending += [(path, depth + 1) for path in reversed(inner) if depth < max_depth]
    found.candidates.sort(key=lambda one: one.path)
    return found


def candidate_at(path: Path, name: str = "") -> ModelCandidate:
    """Return the candidate at a path, without checking that it is a model. name: of the model (default: its file's)."""
    if os.path.isdir(path):
        return ModelCandidate(path, name or name_of(path) or path.resolve().name or str(path), is_folder=True)
    names = {path.stem + end for end in SIDECARS if os.path.isfile(path.with_name(path.stem + end))}
    return ModelCandidate(path, name or name_of(path), sidecars=_sidecars(path, names))


def is_model_folder(names: set[str]) -> bool:
    """Whether a folder with these file names is one model: it has settings with weights, or a list of shards.

    A folder that also contains model files with other names holds several models.
    """
    if INDEX in names or "adapter_config.json" in names:
        return True
    weights = [name for name in names if name.endswith(MODEL_SUFFIXES) and not name.startswith(SKIPPED_FILES)]
    is_set = bool(names & {*CONFIGS, "image_encoder.txt"}) or any(".index." in name for name in names)
    return is_set and bool(weights) and all(name.startswith(STEMS) for name in weights)


def _list(folder: Path, visited: set[tuple[int, int]], found: Scan) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, links last; none if it was visited before or cannot be listed."""
    try:
        status = os.stat(folder)
        if (status.st_dev, status.st_ino) in visited:
            return []
        visited.add((status.st_dev, status.st_ino))
        found.folders.append((os.fspath(folder), status.st_mtime_ns))
        with os.scandir(folder) as entries:
            return sorted(_first(entries), key=lambda entry: (entry.is_symlink(), entry.name))
    except OSError as error:
        found.unreadable.append((folder, error.strerror or "it cannot be listed"))
    except ValueError:  # the name contains a null byte
        found.unreadable.append((folder, "its name contains a null byte"))
    return []


def _first(entries: Iterator[os.DirEntry[str]]) -> list[os.DirEntry[str]]:
    """Return entries up to one more than the limit, so that a huge folder is not read to its end."""
    return [entry for entry, _ in zip(entries, range(MAX_ENTRIES + 1), strict=False)]


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _is_model_file(entry: os.DirEntry[str]) -> bool:
    suffix = os.path.splitext(entry.name)[1].lower()
    if suffix not in MODEL_SUFFIXES and OPAQUE_SUFFIXES.get(suffix) not in ("onnx", "tensorrt"):
        return False
    try:
        is_file = entry.is_file() or (entry.is_symlink() and not os.path.exists(entry.path))
        return is_file and not entry.name.startswith((".", *SKIPPED_FILES))
    except OSError:
        return False


def _inner(folder: Path, listed: list[os.DirEntry[str]]) -> list[Path]:
    """Return the subfolders that are scanned too; of the hub's cache, only one snapshot of each model."""
    snapshot = snapshot_of(folder.parent) if folder.name == "snapshots" else None
    if snapshot is not None:
        return [snapshot]
    return [Path(entry.path) for entry in listed if entry.name not in SKIPPED_FOLDERS and _is_dir(entry)]


def _sidecars(path: Path, names: set[str]) -> tuple[str, ...]:
    """Return the paths of the notes beside a file, given the names of all files in its folder."""
    return tuple([str(path.with_name(path.stem + end)) for end in SIDECARS if path.stem + end in names])


def _candidate(path: Path, root: Path, *, is_folder: bool = False, sidecars: tuple[str, ...] = ()) -> ModelCandidate:
    """Return a candidate with its name, and the kind that the nearest known folder above it is for."""
    above = [part.lower() for part in path.relative_to(root).parts[:-1]]
    hints = [FOLDER_KINDS[part] for part in reversed([root.name.lower(), *above]) if part in FOLDER_KINDS]
    return ModelCandidate(path, name_of(path), hints[0] if hints else "", is_folder, sidecars)


def name_of(path: Path) -> str:
    """Return the name of a model: its hub name, the name of its file, or of its folder if the file name is common."""
    parents = (path, *path.parents[:3]) if PREFIX in str(path) else ()
    for parent in parents:
        if parent.name.startswith(PREFIX):
            return hub_name(parent)
    stem = path.stem if path.suffix.lower() in (*MODEL_SUFFIXES, *OPAQUE_SUFFIXES) else path.name
    return path.parent.name if stem.startswith(STEMS) and stem in STEMS else stem
