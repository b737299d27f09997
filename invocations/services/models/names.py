"""Unique names of models, derived from the names of their files and folders, and errors for names that refer to no
model or to several."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from invocations.language.did_you_mean import one_of
from invocations.services.errors import ServiceError, check_named

if TYPE_CHECKING:
    from core.models.recognized import Recognized

MARKS = ("-", "@")  # how options and references start
MAX_LISTED = 4  # the names of more models than these are not listed in an error
MAX_FOLDERS = 100  # maximum number of folders in a name; paths have fewer


def unique_names(models: Sequence[tuple[str, str, Path]], unusable: Collection[Path] = ()) -> list[str]:
    """Return a unique name for each model; a model is given by its own name, its kind and its path.

    If models of different kinds have the same name, or if it starts like an option or a reference, their kinds are put
    before it (`lora:ink`, `model:@fox`). Models of one kind with
    the same name are named like their files if they are in one folder (`ink`, `ink.safetensors`); otherwise, their
    folders are put after it (`ink@styles`), with as many folders as they need. Unusable models change the names of no
    others: a model keeps its plain name if only unusable ones share it.
    """
    usable = [each for each in models if each[2] not in unusable]
    own = dict(zip([path for _, _, path in usable], _with_folders(usable, _begun(usable, usable)), strict=True))
    every = _with_folders(models, _begun(models, usable))
    return [own.get(path, name) for name, (_, _, path) in zip(every, models, strict=True)]


def _begun(models: Sequence[tuple[str, str, Path]], usable: Sequence[tuple[str, str, Path]]) -> list[str]:
    """Return the names of models with their kinds before them, or the names of their files, where that is needed.

    usable: the models whose kinds matter
    """
    kinds: dict[str, set[str]] = {}
    for name, kind, _ in usable:
        kinds.setdefault(name, set()).add(kind)
    are_several = {name for name, found in kinds.items() if len(found) > 1}
    begins = [f"{kind}:" if name in are_several or name.startswith(MARKS) else "" for name, kind, _ in models]
    beside = Counter([(begin, name, path.parent) for begin, (name, _, path) in zip(begins, models, strict=True)])
    return [
        begin + (path.name if beside[begin, name, path.parent] > 1 else name)
        for begin, (name, _, path) in zip(begins, models, strict=True)
    ]


def _with_folders(models: Sequence[tuple[str, str, Path]], names: list[str]) -> list[str]:
    """Return the names; those that occur several times are followed by as many folders as they need."""
    for depth in range(1, MAX_FOLDERS):
        counts = Counter(names)
        if len(counts) == len(names):
            break
        names = [
            _at(name, path, depth) if counts[name] > 1 else name
            for name, (_, _, path) in zip(names, models, strict=True)
        ]
    return names


def qualified(name: str) -> tuple[str, tuple[str, ...]]:
    """Return the name and the folders in a string such as `ink@styles` or `ink@new/styles`; no folders without `@`."""
    base, _, folders = name.rpartition("@")
    return (base, tuple(folders.split("/"))) if base and folders else (name, ())


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


def folder_at(folder: str, base: Path) -> Path:
    """Return the absolute path of a folder. base: where relative paths start. Raises: ServiceError, ModelUnreadable."""
    from core.models.unreadable import closed_above

    check_named(folder, "folder")
    path = Path(os.path.abspath(Path(base, os.path.expanduser(folder))))
    if os.path.isdir(path):
        return path
    closed = closed_above(path)
    if closed is not None:
        raise closed
    what = "is a file" if os.path.exists(path) else "does not exist"
    raise ServiceError(f"`{folder}` {what}", "give a folder with models", code="folder_missing")


def misplaced(wanted: str) -> list[tuple[str, str]]:
    """Return the names in a string that names a model in the wrong place or form, each with its folder, or "".

    Such strings are `folder/NAME`, `NAME@nowhere`, `lora:NAME` and `NAME.ckpt`.
    """
    parts = [wanted.rpartition("/")[::2], wanted.rpartition("@")[::-2], ("", wanted.partition(":")[2]), ("", wanted)]
    found = [(os.path.basename(folder), name) for folder, name in parts if name]
    return [*found, *[(folder, os.path.splitext(name)[0]) for folder, name in found]]
