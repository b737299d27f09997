"""Derive unique names of models from the names of their files and folders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.models.recognized import Recognized

MAX_FOLDERS = 100  # maximum number of folders in a name; paths have fewer


def unique_names(models: Sequence[tuple[str, str, Path]]) -> list[str]:
    """Return a unique name for each model; a model is given by its own name, its kind and its path.

    If models of different kinds have the same name, their kinds are put before it (`lora:ink`). If models of one kind
    have the same name, their folders are put after it (`ink@styles`), with as many folders as they need.
    """
    kinds: dict[str, set[str]] = {}
    for name, kind, _ in models:
        kinds.setdefault(name, set()).add(kind)
    shown = [f"{kind}:{name}" if len(kinds[name]) > 1 else name for name, kind, _ in models]
    paths = [path for _, _, path in models]
    for depth in range(1, MAX_FOLDERS):
        counts = Counter(shown)
        if len(counts) == len(shown):
            break
        again = [counts[name] > 1 for name in shown]
        shown = [
            _at(name, path, depth) if twice else name for name, path, twice in zip(shown, paths, again, strict=True)
        ]
    return shown


def names_of(name: str, found: Recognized) -> tuple[str, ...]:
    """Return the other names that refer to a model: those of its file, also with its kind or its folder."""
    plain = tuple(dict.fromkeys((name, found.name, found.path.name)))
    folder = found.path.parent.name
    return (*plain, *[f"{found.identity.kind}:{one}" for one in plain], *[f"{one}@{folder}" for one in plain])


def _at(name: str, path: Path, depth: int) -> str:
    """Return a name followed by `@` and the last `depth` folders of a path."""
    base = name.rpartition("@")[0] if depth > 1 else name
    return f"{base}@{'/'.join(path.parent.parts[-depth:])}"
