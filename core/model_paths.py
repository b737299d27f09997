"""The folder of the built-in model, and the paths of models as users write them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

DEFAULT = "default"
DEFAULT_PATH = Path(__file__).parent / "models" / "default"


def path_of(wanted: str, base: Path, folders: Sequence[Path] = ()) -> Path | None:
    """Return a path if it exists, resolved against the base folder or else against one of the models folders."""
    relative = os.path.expanduser(wanted)  # Path.expanduser would raise for an unknown user
    inside = () if ".." in Path(relative).parts else folders
    paths = [Path(folder, relative) for folder in (base, *inside)]
    return next((path for path in paths if os.path.exists(path)), None)  # Path.exists refuses a long name
