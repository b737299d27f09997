"""Unique names of models, derived from the names of their files and folders, and errors for names that refer to no
model or to several."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import one_of
from invocations.services.errors import ServiceError

if TYPE_CHECKING:
    from core.models.recognized import Recognized

MARKS = ("-", "@")  # how options and references start
MAX_LISTED = 4  # the names of more models than these are not listed in an error
MAX_FOLDERS = 100  # maximum number of folders in a name; paths have fewer


def unique_names(models: Sequence[tuple[str, str, Path]]) -> list[str]:
    """Return a unique name for each model; a model is given by its own name, its kind and its path.

    If models of different kinds have the same name, or if it starts like an option or a reference, their kinds are put
    before it (`lora:ink`, `model:@fox`). Models of one kind with
    the same name are named like their files if they are in one folder (`ink`, `ink.safetensors`); otherwise, their
    folders are put after it (`ink@styles`), with as many folders as they need.
    """
    kinds: dict[str, set[str]] = {}
    for name, kind, _ in models:
        kinds.setdefault(name, set()).add(kind)
    begins = [f"{kind}:" if len(kinds[name]) > 1 or name.startswith(MARKS) else "" for name, kind, _ in models]
    paths = [path for _, _, path in models]
    beside = Counter([(begin, name, path.parent) for begin, (name, _, path) in zip(begins, models, strict=True)])
    shown = [
        begin + (path.name if beside[begin, name, path.parent] > 1 else name)
        for begin, (name, _, path) in zip(begins, models, strict=True)
    ]
    return _with_folders(shown, paths)


def _with_folders(names: list[str], paths: Sequence[Path]) -> list[str]:
    """Return the names; those that occur several times are followed by as many folders as they need."""
    for depth in range(1, MAX_FOLDERS):
        counts = Counter(names)
        if len(counts) == len(names):
            break
        again = [counts[name] > 1 for name in names]
        names = [
            _at(name, path, depth) if twice else name for name, path, twice in zip(names, paths, again, strict=True)
        ]
    return names


def names_of(name: str, found: Recognized) -> tuple[str, ...]:
    """Return the other names that refer to a model: those of its file, also with its kind or its folder."""
    plain = tuple(dict.fromkeys((name, found.name, found.path.name)))
    folder = found.path.parent.name
    return (*plain, *[f"{found.identity.kind}:{one}" for one in plain], *[f"{one}@{folder}" for one in plain])


def _at(name: str, path: Path, depth: int) -> str:
    """Return a name followed by `@` and the last `depth` folders of a path."""
    base = name.rpartition("@")[0] if depth > 1 else name
    return f"{base}@{'/'.join(path.parent.parts[-depth:])}"


def ambiguous(name: str, names: Sequence[str]) -> ServiceError:
    """Return the error for a name that several models share. names: their unique names."""
    first = one_of(names[:MAX_LISTED])
    hint = f"write {first}" if len(names) <= MAX_LISTED else f"write {first}, or another of the {len(names)} models"
    return ServiceError(f"several models are named `{name}`", hint, code="model_ambiguous", candidates=tuple(names))


def misplaced(wanted: str) -> list[tuple[str, str]]:
    """Return the names in a string that names a model in the wrong place or form, each with its folder, or "".

    Such strings are `folder/NAME`, `NAME@nowhere`, `lora:NAME` and `NAME.ckpt`.
    """
    parts = [wanted.rpartition("/")[::2], wanted.rpartition("@")[::-2], ("", wanted.partition(":")[2]), ("", wanted)]
    found = [(os.path.basename(folder), name) for folder, name in parts if name]
    return [*found, *[(folder, os.path.splitext(name)[0]) for folder, name in found]]
