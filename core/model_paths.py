"""The folder of the built-in model, and how models are named by their paths. Does not import torch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

DEFAULT: Final = "default"  # the name of the built-in model
DEFAULT_PATH: Final = Path(__file__).parent / "models" / "default"
FULL_PATHS: Final = ("/", "./", "../", "~")  # the beginnings of paths that cannot be names of models


def path_of(wanted: str, base: Path, folders: Sequence[Path] = ()) -> Path | None:
    """Return a path if it exists, resolved against the base folder or else against one of the models folders.

    A link to a file that does not exist counts as existing.
    """
    relative = os.path.expanduser(wanted)  # Path.expanduser would raise for an unknown user
    inside = () if ".." in Path(relative).parts else folders
    paths = [Path(folder, relative) for folder in (base, *inside)]
    return next((path for path in paths if os.path.lexists(path)), None)  # Path.exists refuses a long name
