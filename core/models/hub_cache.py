"""The cache of huggingface_hub: `models--org--name/snapshots/REVISION`, and `refs/main` with the latest revision."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from core.foreign import read_text

PREFIX: Final = "models--"
MAX_REF_BYTES: Final = 1000
REVISION: Final = re.compile(r"[\w.-]+", re.ASCII)  # the name of a revision is a hash, never a path


def hub_name(path: Path) -> str:
    """Return the hub's name for a folder in the cache: `org/name` for `models--org--name`."""
    return path.name.removeprefix(PREFIX).replace("--", "/")


def snapshot_of(path: Path, *, having: str = "") -> Path | None:
    """Return the snapshot in a folder `models--org--name`: the main branch's, else the newest one.

    having: a file that the snapshot must contain
    """
    if not path.name.startswith(PREFIX) or not os.path.isdir(path / "snapshots"):
        return None
    main = _main_branch(path)
    if main and os.path.exists(path / "snapshots" / main / having):
        return path / "snapshots" / main
    try:
        snapshots = [one for one in (path / "snapshots").iterdir() if os.path.exists(one / having)]
        return max(snapshots, key=lambda one: one.stat().st_mtime, default=None)
    except OSError:
        return None


def _main_branch(path: Path) -> str:
    """Return the name of the snapshot in a cache folder's `refs/main`, or ""."""
    try:
        name = read_text(path / "refs" / "main", limit=MAX_REF_BYTES).strip()
    except (OSError, ValueError):
        return ""
    return name if REVISION.fullmatch(name) else ""
