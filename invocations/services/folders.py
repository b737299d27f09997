"""Create folders for files."""

from __future__ import annotations

import os
from pathlib import Path

from .errors import SaveFailed


def make_folder(folder: Path) -> list[Path]:
    """Create a folder and return the folders that were missing, innermost first. Raises: SaveFailed."""
    missing = [path for path in (folder, *folder.parents) if not os.path.exists(path)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SaveFailed(str(folder), "a file exists where a folder is needed") from error
    except OSError as error:
        raise SaveFailed(str(folder), (error.strerror or str(error)).lower()) from error
    return missing
